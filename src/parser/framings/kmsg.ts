import { type Cut, name } from './cut.ts';

const RECORD = /^(?:\d{1,3},)?(?:(\d{1,12}),)(\d{1,18}),[-c+](?:,caller=([TC]\d{1,10}))?(?:,ncfrag=\d+\/\d+)?;/;
const YAML = /^- \{"dt": "[^"]{0,40}", "lvl": "target", "msg": "/;

/** A /dev/kmsg or netconsole record, "6,1509,12767657146,-;msg": level, sequence number, microseconds. */
export function kmsg(cut: Cut): boolean {
  const record = RECORD.exec(cut.text);
  if (record === null) return false;
  const priority = /^(\d{1,3}),\d+,\d+,/.exec(cut.text);
  if (priority !== null) cut.level = Number(priority[1]) & 7;
  cut.sequence = Number(record[1]);
  cut.time = Number(record[2]);
  if (record[3] !== undefined) cut.caller = record[3];
  cut.text = cut.text.slice(record[0].length);
  name(cut, 'level');
  return true;
}

/** A LAVA job log's console line: a YAML list of JSON objects. */
export function lava(cut: Cut): boolean {
  const yaml = YAML.exec(cut.text);
  if (yaml === null) return false;
  cut.text = cut.text.slice(yaml[0].length).replace(/"\}\s*$/, '');
  name(cut, 'plain');
  return true;
}
