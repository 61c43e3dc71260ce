import { type Cut, type Framing, microseconds, name } from './cut.ts';
import { LEVELS } from './level.ts';
import { ofJson } from './unescape.ts';

const MESSAGE = /^ *"msg": "((?:[^"\\]|\\.)*)"?,? *$/;
/** The other lines of a record, and the brackets between two. */
const FIELD = /^ *(?:"(?:fac|pri|time|caller)": ?[^{}]{1,40}|\},? ?\{|"dmesg": ?\[) *$/;

/** dmesg --json: a record of several lines, "fac", "pri", "time", "caller", then "msg". */
export const dmesgJson: Framing = (cut, around) => {
  if (!/^ *["}]/.test(cut.text)) return false;
  if (FIELD.test(cut.text)) {
    cut.silent = true;
    name(cut, 'dmesg-json');
    return true;
  }
  const message = MESSAGE.exec(cut.text);
  if (message === null) return false;
  const before = around.before();
  fields(cut, before.slice(before.lastIndexOf('{') + 1));
  cut.text = ofJson(message[1]!);
  name(cut, 'dmesg-json');
  return true;
};

function fields(cut: Cut, record: string): void {
  const time = /"time": {0,12}(\d{1,10}(?:\.\d{1,9})?)/.exec(record);
  if (time !== null) cut.time = microseconds(time[1]!);
  const caller = /"caller": ?"([TC]\d{1,10})"/.exec(record);
  if (caller !== null) cut.caller = caller[1]!;
  const level = /"pri": ?(?:(\d{1,3})|"(\w{1,8})")/.exec(record);
  if (level?.[1] !== undefined) cut.level = Number(level[1]) & 7;
  else if (level !== null && LEVELS.includes(level[2]!)) cut.level = LEVELS.indexOf(level[2]!);
  const facility = /"fac": ?(?:(\d{1,3})|"(\w{1,8})")/.exec(record);
  if (facility !== null && (facility[1] ?? '0') !== '0') cut.foreign = true;
  if (facility?.[2] !== undefined && facility[2] !== 'kern') cut.foreign = true;
}
