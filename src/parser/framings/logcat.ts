import { type Framing, name } from './cut.ts';

const THREADTIME = /^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6} {1,8}\d{1,8} {1,8}\d{1,8} [VDIWEFS] /;
/** Vendor kernels put CPU and pid in front: "c1      1 init: ...". */
const VENDOR = /^c\d{1,2} {1,8}(\d{1,8}) /;
/** Lines whose colon stands behind a blank that logcat takes away: "pc : foo+0x4/0x8". */
const SPACED = /^(?:pc|lr|sp|epc|ra)$/;
/** A PCI device's domain, which logcat takes for the end of the tag: "amdgpu 0000: 0b:00.0: ...". */
const DOMAIN = /(?:^| )[0-9a-f]{4}$/;
const LETTERS = 'FEWID';
const KMSG_LEVELS = [2, 3, 4, 6, 7];

/** logcat -b kernel, threadtime: what stands in front of a kernel line's first colon has become the tag, padded to eight; the kernel's stamp is gone. */
export const logcat: Framing = (cut) => {
  if (cut.text.charCodeAt(0) > 57) return false;
  const front = THREADTIME.exec(cut.text);
  if (front === null) return false;
  const at = LETTERS.indexOf(front[0].at(-2)!);
  if (at >= 0) cut.level = KMSG_LEVELS[at]!;
  const rest = cut.text.slice(front[0].length);
  const colon = rest.indexOf(':');
  const tag = colon < 0 ? '' : rest.slice(0, colon).trimEnd();
  const message = rest.slice(colon + 1).replace(/^ /, '');
  if (colon < 0 || tag === '') cut.text = message;
  else if (DOMAIN.test(tag) && /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\b/.test(message)) cut.text = `${tag}:${message}`;
  else cut.text = `${tag}${SPACED.test(tag.trim()) ? ' ' : ''}: ${message}`.trimEnd();
  const vendor = VENDOR.exec(cut.text);
  if (vendor !== null) {
    cut.caller = `T${vendor[1]}`;
    cut.text = cut.text.slice(vendor[0].length);
  }
  name(cut, 'logcat');
  return true;
};
