/**
 * `npm run eval`: judges labelled logs that lie beside the checkout (../shared) and prints how right the verdicts are, then how right the parser
 * is; numbers behind the folder are seeds, for each of which titles are also given on a random third of syzkaller's reports. Exit status 1 when a verdict is confirmed that must not be, or a bucket of batch mixes the race with something else; the parser's rates never fail it. Without those collections it says so and ends.
 */
import { existsSync } from 'node:fs';
import { useAnswers } from '../io/answers.ts';
import { evaluateBuckets } from './buckets.ts';
import { evaluateCorpus } from './corpus.ts';
import { evaluateLogs } from './logs.ts';
import { evaluateParser, evaluateThird } from './parser.ts';

useAnswers();
const [shared = '../shared', ...seeds] = process.argv.slice(2);
let bad = 0;
if (existsSync(`${shared}/logs`)) {
  const result = evaluateLogs(`${shared}/logs`);
  console.log(result.text);
  bad += result.falseConfirmed;
  const third = `${shared}/logs/third`;
  if (existsSync(third)) {
    const more = evaluateLogs(third);
    console.log(`\nthird lab\n${more.text}\n`);
    bad += more.falseConfirmed;
  }
  const buckets = evaluateBuckets(`${shared}/logs`);
  console.log(buckets.text);
  bad += buckets.mixed;
} else console.log(`${shared}/logs is not there: nothing to judge`);
if (existsSync(`${shared}/corpus`)) {
  const result = evaluateCorpus(`${shared}/corpus`);
  console.log(result.text);
  bad += result.falseConfirmed;
  console.log(`\nparser, on ${shared}/corpus\n${evaluateParser(`${shared}/corpus`)}`);
  for (const seed of seeds) console.log(evaluateThird(`${shared}/corpus`, Number(seed)));
} else console.log(`${shared}/corpus is not there: nothing to judge`);
process.exitCode = bad > 0 ? 1 : 0;
