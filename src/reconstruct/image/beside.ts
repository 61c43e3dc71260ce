/** A crash beside the kernel's own build: what of it is this kernel's, the layouts and instructions that it gives, and the source of each frame. */
import type { Diagnostic, Frame, Incident, ParsedLog } from '../../parser/types.ts';
import type { ExactLayouts } from '../../sim/layouts/exact.ts';
import type { Claim, PlacedFrame } from '../types.ts';
import { codeFromImage } from './code.ts';
import { functionOf, type Match, matchOf } from './match.ts';
import type { ImageFunction, KernelImage } from './types.ts';

export interface Beside {
  /** The crash with the instructions of the image as its Code:, where there are more of them. */
  readonly incident: Incident;
  readonly exact: ExactLayouts | null;
  /** The layouts are of raw BTF, which does not name its kernel: they are taken as long as they fit. */
  readonly taken: boolean;
  readonly because: readonly Claim[];
  readonly diagnostics: readonly Diagnostic[];
  readonly places: readonly PlacedFrame[];
}

/** A symbolizer is asked once for so many frames. */
const MOST_FRAMES = 32;

const unused = (text: string, line: number | null): Diagnostic => ({
  code: 'OR405',
  text: `${text}; it was not used`,
  line,
});

/** `images` empty: nothing changes. */
export function beside(log: ParsedLog, incident: Incident, images: readonly KernelImage[]): Beside {
  const nothing = { incident, exact: null, taken: false, because: [], diagnostics: [], places: [] };
  if (images.length === 0) return nothing;
  const diagnostics: Diagnostic[] = [];
  const because: Claim[] = [];
  const used: KernelImage[] = [];
  const matches = images.map((image) => ({ image, match: matchOf(image, log, incident) }));
  const kernel = matches.some(({ image, match }) => image.is === 'vmlinux' && match.is === 'this');
  for (const { image, match } of matches) {
    const said = usable(image, match, kernel);
    if (said === null) {
      const why = match.is === 'this' ? `${image.name}: no vmlinux beside it is this kernel's` : match.why;
      diagnostics.push(unused(why, match.is === 'open' ? null : (match.lines[0] ?? null)));
      continue;
    }
    used.push(image);
    if (image.is !== 'module' && image.exact === null)
      diagnostics.push({ code: 'OR405', text: `${image.name}: ${image.why}`, line: null });
    if (match.is === 'this') because.push({ text: `${image.name} is what ran: ${match.because}`, lines: match.lines });
  }
  const own = used.find((image) => image.is === 'vmlinux' && image.exact !== null);
  const btf = used.find((image) => image.is === 'btf');
  const base = (own ?? btf)?.exact ?? null;
  const others = Object.assign({}, ...used.map((image) => image.exact?.others ?? {}));
  const fn = incident.pc === null ? null : placed(used, incident.pc);
  const code = fn === null || incident.kasan !== null ? null : codeFromImage(incident, fn.fn);
  if (code !== null && code.trap > (incident.code?.trap ?? 0)) {
    const text = `the ${code.trap * code.unit} bytes before pc are those of ${fn!.fn.name}() in ${fn!.image.name}`;
    because.push({ text, lines: [incident.at.pc].filter((line) => line !== undefined) });
  }
  const { places, silent } = placesOf(used, incident);
  if (silent !== null)
    diagnostics.push({
      code: 'OR406',
      text: `no llvm-symbolizer or addr2line of this machine reads ${silent.name}: files and lines of the frames are not told`,
      line: null,
    });
  return {
    incident: code === null ? incident : { ...incident, code },
    exact: base === null ? null : { ...base, others: { ...others, ...base.others } },
    taken: own === undefined && base !== null,
    because,
    diagnostics,
    places,
  };
}

/** Null where nothing of it may be used. A module goes with its vmlinux, and only where its own code does not speak against it. */
function usable(image: KernelImage, match: Match, kernel: boolean): KernelImage | null {
  if (match.is === 'another') return null;
  if (image.is === 'btf' || match.is === 'this') return image;
  return image.is === 'module' && kernel ? image : null;
}

interface Placed {
  readonly image: KernelImage;
  readonly fn: ImageFunction;
}

/** The function of a frame: in the vmlinux, or in the module that it names. */
function placed(images: readonly KernelImage[], frame: Frame): Placed | null {
  const wanted = frame.module === null ? 'vmlinux' : 'module';
  for (const image of images) {
    const fn = image.is === wanted ? functionOf(image, frame) : null;
    if (fn !== null) return { image, fn };
  }
  return null;
}

/** Frames with their source; those of which the symbolizer knows nothing are left out. `silent`: the image that no symbolizer of this machine reads. */
function placesOf(
  images: readonly KernelImage[],
  { pc, lr, frames }: Incident,
): { readonly places: readonly PlacedFrame[]; readonly silent: KernelImage | null } {
  // Most processors print the function at pc once more as the first frame.
  const again = (f: Frame, i: number) => i === 0 && f.symbol === pc?.symbol && f.offset === pc.offset;
  // A return address is behind its call: the byte before it is of the call.
  const asked = [
    ...(pc === null ? [] : [{ what: 'pc' as const, frame: pc, back: 0 }]),
    ...(lr === null ? [] : [{ what: 'lr' as const, frame: lr, back: 1 }]),
    ...frames.filter((f, i) => f.reliable && !again(f, i)).map((frame) => ({ what: 'frame' as const, frame, back: 1 })),
  ].slice(0, MOST_FRAMES);
  const found = asked.flatMap((one) => {
    const at = one.frame.offset === null ? null : placed(images, one.frame);
    return at === null ? [] : [{ ...one, at }];
  });
  const told = new Map<(typeof found)[number], PlacedFrame>();
  let silent: KernelImage | null = null;
  for (const image of new Set(found.map((f) => f.at.image))) {
    const here = found.filter((f) => f.at.image === image);
    const answers = image.symbolize(here.map((f) => ({ fn: f.at.fn, offset: Math.max(0, f.frame.offset! - f.back) })));
    if (answers === null) silent = image;
    for (const [i, { what, frame }] of here.entries()) {
      const source = answers?.[i] ?? null;
      if (source !== null) told.set(here[i]!, { what, symbol: frame.symbol, line: frame.line, source });
    }
  }
  return { places: found.flatMap((one) => told.get(one) ?? []), silent };
}
