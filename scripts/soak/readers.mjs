// Is what was printed whole, by its own format's schema or reader? Each gives what is wrong, or null; what is not even of the format throws.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { transformSync } from 'esbuild';
import { HtmlValidate } from 'html-validate';
import { Parser } from 'tap-parser';

const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const ajv = new Ajv({ strict: false });
const checked = (validate) => (value) =>
  validate(value) ? null : ajv.errorsText(validate.errors, { separator: '; ' }).slice(0, 400);

/** By the schemas that the package ships. */
const schema = Object.fromEntries(
  ['triage', 'batch', 'simulate', 'affected', 'replay', 'reproduce', 'conform'].map((name) => [
    name,
    checked(ajv.compile(json(`schema/${name}.schema.json`))),
  ]),
);

const {
  id: _id,
  $schema: _schema,
  ...sarifSchema
} = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const sarif = checked(
  new Ajv({
    ...{ strict: false, unicodeRegExp: false },
    formats: {
      uri: (text) => URL.canParse(text),
      'uri-reference': (text) => URL.canParse(text, 'http://x/') && /^[\w.~:/?#[\]@!$&'()*+,;=%-]*$/.test(text),
      'date-time': true,
    },
  }).compile(sarifSchema),
);
const kcidb = checked(new Ajv({ strict: false }).compile(json('test/fixtures/ci/kcidb-5.3.schema.json')));

/** The strict reader of test/report/ci, which is TypeScript. */
const { code } = transformSync(readFileSync('test/report/ci/ktap.ts', 'utf8'), { loader: 'ts', format: 'esm' });
const { readKtap } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const XMLLINT = spawnSync('xmllint', ['--version']).status === 0;
const html = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended', 'html-validate:document'],
  // A bucket's id may begin with a digit (HTML allows it since 5).
  rules: { 'valid-id': ['error', { relaxed: true }] },
});

const lines = (text) => text.split('\n').filter((line) => line !== '');
const each = (read) => (text) => lines(text).reduce((wrong, line) => wrong ?? read(JSON.parse(line)), null);
const any = () => null;

/** What no output may have, whatever was in the log. */
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** `text` with its format's reader, after what holds of all: whole lines, nothing active. */
export function wrongWith(text, reader = any) {
  if (text === '') return null;
  if (!text.endsWith('\n')) return 'its last line has no end';
  // CSV's lines end as RFC 4180 has them.
  const active = CONTROLS.exec(reader === BATCH.csv ? text.replaceAll('\r\n', '\n') : text);
  if (active) return `control character U+${active[0].codePointAt(0).toString(16)} at ${active.index}`;
  return reader(text);
}

export const TRIAGE = {
  json: (text) => {
    const value = JSON.parse(text);
    for (const one of Array.isArray(value) ? value : [value]) {
      const wrong = schema.triage(one);
      if (wrong) return wrong;
    }
    return null;
  },
  ndjson: each(schema.triage),
  sarif: (text) => sarif(JSON.parse(text)),
  kcidb: (text) => kcidb(JSON.parse(text)),
  codequality: (text) => {
    const value = JSON.parse(text);
    const whole = ({ description, fingerprint, severity, location }) =>
      description &&
      fingerprint &&
      /^(?:info|minor|major|critical|blocker)$/.test(severity) &&
      location?.path &&
      location.lines?.begin;
    return Array.isArray(value) && value.every(whole) ? null : 'no Code Quality report';
  },
  junit: (text) => {
    if (!XMLLINT) return null;
    const { status, stderr } = spawnSync(
      'xmllint',
      ['--noout', '--nonet', '--schema', 'test/fixtures/ci/junit.xsd', '-'],
      {
        input: text,
        encoding: 'utf8',
      },
    );
    return status === 0 ? null : stderr;
  },
  ktap: (text) => {
    readKtap(text);
    // Of TAP, KTAP lacks nothing but the version line.
    const odd = Parser.parse(text.replace('KTAP version 1', 'TAP version 13')).find(
      ([kind]) => kind === 'extra' || kind === 'bailout',
    );
    return odd === undefined ? null : `not TAP to TAP's own reader: ${JSON.stringify(odd)}`;
  },
  html: (text) => {
    const { results } = html.validateStringSync(text);
    const [message] = results.flatMap(({ messages }) => messages);
    return message === undefined ? null : `${message.line}: ${message.message} (${message.ruleId})`;
  },
  github: (text) =>
    lines(text).every((line) => /^::(?:(?:error|warning|notice) [^\n]*|debug)::./.test(line))
      ? null
      : 'a line that is no command',
  mail: (text) => (/^(?:[A-Z][\w-]*: .*\n(?: .*\n)*)+\n/.test(text) ? null : 'no mail'),
  text: any,
  markdown: any,
};

export const BATCH = {
  ndjson: each(schema.batch),
  json: (text) => schema.batch(JSON.parse(text)),
  html: TRIAGE.html,
  csv: (text) => (lines(text).every((line, _, [first]) => line.length > 0 && first.includes(',')) ? null : 'no CSV'),
  table: any,
  markdown: any,
  github: any,
};

export const OF = Object.fromEntries(
  ['simulate', 'affected', 'replay', 'reproduce'].map((name) => [name, (text) => schema[name](JSON.parse(text))]),
);
OF.conform = (text) => {
  const value = JSON.parse(text);
  for (const one of Array.isArray(value) ? value : [value]) {
    const wrong = schema.conform(one);
    if (wrong) return wrong;
  }
  return null;
};
OF.lines = each(() => null);
OF.json = (text) => {
  JSON.parse(text);
  return null;
};
export const storeLine = (line) => schema.batch(JSON.parse(line));
