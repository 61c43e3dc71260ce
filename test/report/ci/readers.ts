/** What is wrong with a file for CI by its own format's schema, or null; KTAP's reader is ktap.ts. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';

// Draft 4 of JSON Schema as far as this schema goes is draft 7 but for these two keys.
const {
  id: _id,
  $schema: _schema,
  ...sarifSchema
} = createRequire(import.meta.url)('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const sarif = new Ajv({
  strict: false,
  // One of its patterns is none with the flag "u".
  unicodeRegExp: false,
  allErrors: true,
  formats: {
    uri: (text: string) => URL.canParse(text),
    'uri-reference': (text: string) => URL.canParse(text, 'http://x/') && /^[\w.~:/?#[\]@!$&'()*+,;=%-]*$/.test(text),
    'date-time': true,
  },
}).compile(sarifSchema);
const kcidb = new Ajv({ allErrors: true }).compile(
  JSON.parse(readFileSync('test/fixtures/ci/kcidb-5.3.schema.json', 'utf8')),
);

const by = (validate: ValidateFunction) => (text: string) =>
  validate(JSON.parse(text)) ? null : JSON.stringify(validate.errors);

/** SARIF 2.1.0. */
export const wrongSarif = by(sarif);
/** KCIDB 5.3. */
export const wrongKcidb = by(kcidb);

/** Debian: libxml2-utils. */
export const XMLLINT = spawnSync('xmllint', ['--version']).status === 0;

/** JUnit, by xmllint. */
export function wrongJunit(xml: string): string | null {
  const { stderr, status } = spawnSync(
    'xmllint',
    ['--noout', '--nonet', '--schema', 'test/fixtures/ci/junit.xsd', '-'],
    { input: xml, encoding: 'utf8' },
  );
  return status === 0 ? null : stderr;
}
