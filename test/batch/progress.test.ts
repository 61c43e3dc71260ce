/** The line that says how far a batch is: no guess too early, nothing cut, and what else is said stands on a line of its own. */
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { barLine, progressOn, timeLeft } from '../../src/batch/progress.ts';

describe('the bar', () => {
  it('gives no estimate before three seconds, and then one', () => {
    expect(barLine(10, 100, 2999, 80)).not.toContain('left');
    expect(barLine(10, 100, 3000, 80)).toMatch(/^=+-+ 10 of 100 inputs, 3\/s, 27 s left$/);
    expect(barLine(100, 100, 9000, 80)).not.toContain('left');
    expect(barLine(0, 0, 0, 80)).toContain('0 inputs');
    expect([barLine(1, 1, 0, 80), barLine(0, 1, 0, 80)].map((line) => line.replace(/^[=-]+ /, ''))).toEqual([
      '1 input',
      '0 of 1 input',
    ]);
    expect([500, 61_000, 3_700_000].map(timeLeft)).toEqual(['1 s', '1 min 1 s', '1 h 1 min']);
  });

  it('fits whatever the terminal has: parts are left out, none is cut', () => {
    const whole = /^(?:[=-]+ )?(?:\d+ of \d+ inputs|\d+)(?:, \d+\/s)?(?:, [\w ]+ left)?$/;
    for (let columns = 12; columns < 130; columns++) {
      const line = barLine(123_456, 7_890_123, 600_000, columns);
      expect(line.length).toBeLessThan(columns);
      expect(line).toMatch(whole);
    }
  });

  it('lets others speak on lines of their own, an interruption below what the terminal echoes', async () => {
    const written: string[] = [];
    const stream = Object.assign(
      new Writable({
        write(chunk, _, done) {
          written.push(String(chunk));
          done();
        },
      }),
      { isTTY: true, columns: 80, cursorTo: () => true, clearLine: () => true, moveCursor: () => true },
    ) as unknown as NodeJS.WriteStream;
    const progress = await progressOn(stream);
    progress.found(10);
    progress.done();
    written.length = 0;
    progress.say(() => stream.write('interrupted: ...\n'), true);
    expect(written.join('')).toMatch(/^\ninterrupted: \.\.\.\n/);
    written.length = 0;
    progress.say(() => stream.write('warning: x\n'));
    expect(written.join('')).toContain('warning: x\n');
    // The terminal goes on wrapping lines: nothing that is written meanwhile is cut.
    expect(written.join('')).not.toContain('\x1b[?7l');
    progress.stop();
  });
});
