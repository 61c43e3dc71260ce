/** The worker of the page: judges one log after another, or asks the model, beside the thread that shows it. It is the core of the command, nothing less. */
import { affectedBy } from '../answers/affected.ts';
import { simulationFor } from '../answers/simulation.ts';
import { compressionOf, MAGIC_LENGTH, NothingUnpacked, unpacked } from '../io/unpack.ts';
import { checkOptions, triageOptions } from '../options.ts';
import type { Diagnostic } from '../parser/types.ts';
import { triageChunks } from '../reconstruct/triage.ts';
import type { Triage } from '../reconstruct/types.ts';
import { renderBoot } from '../report/html/page.ts';
import { rendererFor } from '../report/render.ts';
import { Redactor } from '../report/safe/redact.ts';
import { sanitize } from '../report/safe/sanitize.ts';
import { decidingCrash, HEADLINE, headlineOf, withoutMarks } from '../report/story/wording.ts';
import { UsageError } from '../usage.ts';
import { gunzip } from './gunzip.ts';
import type { Answer, Ask, Given, Log } from './messages.ts';

const scope = globalThis as unknown as {
  onmessage: (event: { readonly data: Ask }) => void;
  postMessage: (answer: Answer) => void;
};
const tell = (answer: Answer) => scope.postMessage(answer);

/** Bytes between two words of how far it is. */
const STEP = 1 << 18;
/** Boots whose reports are kept to be looked at. */
const MOST_REPORTS = 200;

/** The pieces of a log as they are read, each told. */
async function* piecesOf(bytes: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.size; at += STEP) {
    yield new Uint8Array(await bytes.slice(at, at + STEP).arrayBuffer());
    tell({ is: 'progress', done: Math.min(bytes.size, at + STEP), whole: bytes.size });
  }
}

/** The same unpacked, where it is compressed; `say` hears what is wrong with it. */
async function chunksOf(bytes: Blob, say: (diagnostic: Diagnostic) => void): Promise<AsyncIterable<Uint8Array>> {
  const kind = compressionOf(new Uint8Array(await bytes.slice(0, MAGIC_LENGTH).arrayBuffer()));
  if (kind === null) return piecesOf(bytes);
  return unpacked(kind, [new Uint8Array(await bytes.arrayBuffer())], say, gunzip);
}

/** All boots of a log, as the command judges them (commands/judge.ts). */
async function* judged({ name, bytes }: Log, given: Given): AsyncGenerator<Triage> {
  await checkOptions(given);
  const redactor = given.redact ? new Redactor() : null;
  const diagnostics: Diagnostic[] = [];
  const chunks = await chunksOf(bytes, (diagnostic) => diagnostics.push(diagnostic));
  const out = (triage: Triage) => (redactor === null ? triage : redactor.triage(triage));
  let held: Triage | null = null;
  for await (const triage of triageChunks(chunks, { name }, triageOptions({ ...given, format: 'html' }))) {
    if (held !== null) yield out(held);
    held = triage;
  }
  if (held !== null)
    yield out(diagnostics.length === 0 ? held : { ...held, diagnostics: [...diagnostics, ...held.diagnostics] });
}

async function judge(log: Log, given: Given, whole: boolean): Promise<void> {
  let count = 0;
  for await (const triage of judged(log, given)) {
    count++;
    tell({
      is: 'boot',
      boot: {
        boot: triage.log.source.boot,
        class: triage.verdict.class,
        word: HEADLINE[triage.verdict.class],
        title: sanitize(withoutMarks(headlineOf(triage))),
        line: decidingCrash(triage)?.incident.span.line ?? null,
        html: whole && count <= MOST_REPORTS ? renderBoot(triage, count) : null,
      },
    });
  }
}

async function written(ask: Ask): Promise<string> {
  switch (ask.is) {
    case 'write': {
      const renderer = await rendererFor(ask.format, { several: false, columns: 80, ascii: false, colour: false });
      let text = '';
      for await (const triage of judged(ask.log, ask.given)) text += await renderer.add(triage);
      return text + renderer.end();
    }
    case 'affected': {
      const { release, driver, ...commits } = ask.question;
      return affectedBy(release, driver, { ...commits, format: ask.format });
    }
    case 'simulate': {
      const { release, driver, ...commits } = ask.question;
      if (driver === null) throw new UsageError('to simulate, choose a driver');
      const { scenario, iommus, memory, format } = ask;
      const options = { ...commits, kernel: release, driver, scenario, iommus, memory, format };
      return simulationFor({ ...options, granularity: 'compiled', earlier: 'any' });
    }
    default:
      return '';
  }
}

async function answer(ask: Ask): Promise<void> {
  try {
    if (ask.is === 'judge') await judge(ask.log, ask.given, ask.whole);
    else tell({ is: 'text', text: await written(ask) });
    tell({ is: 'end', said: null, defect: false });
  } catch (error) {
    const known = error instanceof UsageError || error instanceof NothingUnpacked;
    const message = error instanceof Error ? error.message : String(error);
    tell({ is: 'end', said: sanitize(message), defect: !known });
  }
}

scope.onmessage = ({ data }) => void answer(data);
