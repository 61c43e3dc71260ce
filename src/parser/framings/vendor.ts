import { type Cut, name } from './cut.ts';

/** What vendors' kernels print behind the stamp: which CPU, whose thread, which clock. The group is the pid. */
const FORMS: readonly RegExp[] = [
  // Samsung: "[4:     netbpfload:  825] ", "I[" in an interrupt.
  /^ {0,2}[I ]?\[ ?\d{1,3}: {0,16}(?=[^\]]{0,15}[A-Za-z])[^\]]{1,16}: {0,8}(\d{1,8})\] ?/,
  // MediaTek: ".(0)[1:init]", "-(1)[0:swapper/1]", with the level in front or not; nothing stands between it and the text.
  /^(?:<\d>)? ?[.-]?\(\d{1,2}\)\[(\d{1,8}):[^\]]{1,16}\]/,
  // ASUS: "(CPU:2-pid:61:kworker/u8:2) ".
  /^ ?\(CPU:\d{1,3}-pid:(\d{1,8}):[^)]{1,16}\) ?/,
  // Qualcomm's and Xiaomi's second clock: "[20:04:27.123456]@2 ", "[2025-01-09 20:04:27.1] [61]@2 "; Pixel's "@2 ".
  /^ ?(?:\[[\d:._ TZx+-]{1,40}\] ?){0,2}@\(?\d{1,2}\)? ?/,
  // Unisoc and older Qualcomm kernels: CPU and pid, "c2     61 ".
  /^ ?c\d{1,2} {1,8}(\d{1,8}) /,
  // OPPO: "[61:kworker/u8:2]".
  /^ ?\[(\d{1,8}):[A-Za-z][^\]]{0,15}\] ?/,
];

/** A vendor's marks, which stand behind the kernel's stamp. */
export function vendor(cut: Cut): boolean {
  if (cut.time === null) return false;
  const { text } = cut;
  const first = text.charCodeAt(0);
  // A message that begins with a blank is an ordinary frame.
  const second = text.charCodeAt(1);
  if (first === 32 && second !== 32 && second !== 91 && second !== 40 && second !== 73 && second !== 46) return false;
  // "clk: ..." and "cpu 1: ..." are no CPU's mark.
  if (first === 99 && !(second >= 48 && second <= 57)) return false;
  for (const form of FORMS) {
    const found = form.exec(text);
    if (found === null) continue;
    if (found[1] !== undefined) cut.caller ??= `T${found[1]}`;
    cut.text = text.slice(found[0].length);
    name(cut, 'vendor');
    return true;
  }
  return false;
}
