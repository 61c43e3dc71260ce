/** `triage --pc FUNC+OFF`: a crash of which somebody knows a few words, as the lines that the kernel would have printed. */
import { UsageError } from '../exit.ts';
import { headOf, placeOf } from '../parser/lines/typed.ts';

export interface TypedOptions {
  readonly pc?: string;
  readonly lr?: string;
  readonly address?: string;
}

/** Faults below the first page are NULL pointer dereferences to the kernel (arch/arm64/mm/fault.c). */
const PAGE = 0x1000n;

/** True if the crash is on the command line. */
export function isTyped(options: TypedOptions): boolean {
  return options.pc !== undefined || options.lr !== undefined || options.address !== undefined;
}

/** The lines that the options stand for. Throws UsageError where one cannot be read, or without --pc. */
export function typedLog({ pc, lr, address }: TypedOptions): Buffer {
  if (pc === undefined) throw new UsageError('--lr and --address need --pc FUNC+OFF: where the crash was');
  const lines: string[] = [];
  if (address !== undefined) {
    const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(address)?.[1];
    if (digits === undefined) throw new UsageError(`--address ${address}: up to 16 hexadecimal digits are needed`);
    lines.push(headOf(digits, BigInt(`0x${digits}`) < PAGE));
  }
  lines.push(`pc : ${placeIn('--pc', pc)}`);
  if (lr !== undefined) lines.push(`lr : ${placeIn('--lr', lr)}`);
  return Buffer.from(`${lines.join('\n')}\n`);
}

function placeIn(option: string, text: string): string {
  const found = /^([A-Za-z_][\w.$]{0,120})\+(0x[0-9a-f]{1,6})(?:\/(0x[0-9a-f]{1,6}))?$/i.exec(text.trim());
  if (found === null)
    throw new UsageError(`${option} ${text}: a function and the offset in it are needed, such as of_iommu_xlate+0xb0`);
  return placeOf(found[1]!, found[2]!.toLowerCase(), found[3]?.toLowerCase());
}
