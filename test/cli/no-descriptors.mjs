// A thread for lacking.test.ts: it has no descriptor left for its own parts.
throw Object.assign(new Error("EMFILE: too many open files, open 'part.js'"), { code: 'EMFILE', syscall: 'open' });
