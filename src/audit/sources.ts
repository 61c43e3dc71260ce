/** A tree's functions as statements, and what its structs' members point to; each file read and each body parsed once. */
import { type Definition, definitionsOf, lineAt, structOf } from '../reconstruct/kernel/source/c-text.ts';
import { Tree } from '../reconstruct/kernel/source/tree.ts';
import type { ReadFile } from '../reconstruct/kernel/source/types.ts';
import { parametersOf, statementsOf } from './statements.ts';
import type { Declared, Stmt } from './syntax.ts';

export interface Fn {
  readonly name: string;
  readonly file: string;
  /** The struct that it returns a pointer to, or null. */
  readonly returns: string | null;
  readonly parameters: readonly Declared[];
  /** Null where the body could not be read to its end. */
  readonly body: readonly Stmt[] | null;
  /** A macro: its parameters are what they are called with. */
  readonly macro: boolean;
  readonly at: number;
}

/** Where static inlines and structs are looked for besides the function's own file. */
const HEADERS = [
  'include/linux/iommu.h',
  'drivers/iommu/iommu-priv.h',
  'include/linux/device.h',
  'include/linux/device/bus.h',
  'include/linux/device/driver.h',
  'drivers/iommu/iommu.c',
  'include/acpi/acpi_bus.h',
  'include/linux/acpi.h',
  'drivers/iommu/dma-iommu.c',
  'drivers/iommu/iommu-sysfs.c',
  'drivers/base/base.h',
  'include/linux/of_device.h',
];

/** Headers of a driver's own, by its file. */
const BESIDE: ReadonlyMap<string, readonly string[]> = new Map([
  ['drivers/iommu/arm/arm-smmu/arm-smmu.c', ['drivers/iommu/arm/arm-smmu/arm-smmu.h']],
  ['drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c', ['drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.h']],
  ['drivers/iommu/omap-iommu.c', ['drivers/iommu/omap-iommu.h']],
  ['drivers/iommu/msm_iommu.c', ['drivers/iommu/msm_iommu.h']],
  ['drivers/iommu/mtk_iommu.c', ['drivers/iommu/mtk_iommu.h']],
  ['drivers/iommu/riscv/iommu.c', ['drivers/iommu/riscv/iommu.h']],
]);

export class Sources {
  readonly tree: Tree;
  readonly #functions = new Map<string, readonly Fn[]>();
  readonly #members = new Map<string, string | null>();

  constructor(read: ReadFile) {
    this.tree = new Tree(read);
  }

  /** Definitions of a function: in `file`, else in its headers and the core. Several where the preprocessor chooses. */
  find(name: string, file: string): readonly Fn[] {
    for (const place of this.#places(file)) {
      const found = this.#in(name, place);
      if (found.length > 0) return found;
    }
    return [];
  }

  /** Those in the file itself. */
  own(name: string, file: string): readonly Fn[] {
    return this.#in(name, file);
  }

  lineOf(file: string, at: number): number {
    return lineAt(this.tree.text(file) ?? '', at);
  }

  /** The struct that a variable of the file is or points to: "bus_type" of `static struct bus_type * const iommu_buses[]`. */
  variable(name: string, file: string): string | null {
    const key = `${file} ${name}`;
    let known = this.#members.get(key);
    if (known === undefined) {
      known =
        new RegExp(`^(?:static )?(?:const )?struct (\\w+)[\\s*]+(?:const )?${name}\\b`, 'm').exec(
          this.tree.text(file) ?? '',
        )?.[1] ?? null;
      this.#members.set(key, known);
    }
    return known;
  }

  /** The struct that `struct`'s member is or points to. */
  memberOf(struct: string, member: string, file: string): string | null {
    const key = `${file} ${struct}.${member}`;
    let known = this.#members.get(key);
    if (known === undefined) {
      known = this.#member(struct, member, file);
      this.#members.set(key, known);
    }
    return known;
  }

  #member(struct: string, member: string, file: string): string | null {
    for (const place of this.#places(file)) {
      const text = this.tree.text(place);
      const found = text === null ? null : structOf(text, struct);
      if (found === null) continue;
      return new RegExp(`\\bstruct\\s+(\\w+)\\s*[\\s*]*\\b${member}\\b`).exec(found.body)?.[1] ?? null;
    }
    return null;
  }

  #places(file: string): readonly string[] {
    return [file, ...(BESIDE.get(file) ?? []), ...HEADERS];
  }

  #in(name: string, file: string): readonly Fn[] {
    const key = `${file} ${name}`;
    let known = this.#functions.get(key);
    if (!known) {
      const text = this.tree.text(file);
      // A word that is not in the file is no function of it: asked first, since it is cheap.
      const all = text?.includes(name) ? definitionsOf(text, name) : [];
      // A macro that loops looks like one, where it is defined and where it is used.
      const proper = all.filter((d) => d.type !== '' && !/#[^\n]*$/.test(text!.slice(0, d.at)));
      known = proper.map((d) => parsed(d, file));
      if (known.length === 0 && text?.includes(`${name}(`)) known = macro(text, name, file);
      this.#functions.set(key, known);
    }
    return known;
  }
}

function parsed(d: Definition, file: string): Fn {
  return {
    name: d.name,
    file,
    returns: /\bstruct\s+(\w+)\s*\*\s*$/.exec(d.type)?.[1] ?? null,
    parameters: parametersOf(d.parameters),
    body: statementsOf(d.body, d.from),
    at: d.at,
    macro: false,
  };
}

/** `#define name(a, b) ...` as a function whose body it is. */
function macro(text: string, name: string, file: string): readonly Fn[] {
  const found = new RegExp(
    `^[ \\t]*#[ \\t]*define[ \\t]+${name}\\(([^()]*)\\)((?:[^\\n\\\\]|\\\\\\n|\\\\)*)`,
    'm',
  ).exec(text);
  if (found === null) return [];
  const [whole, parameters = '', body = ''] = found;
  const at = found.index + whole.length - body.length;
  const all = { name, file, returns: null, parameters: parametersOf(parameters), at: found.index, macro: true };
  return [{ ...all, body: statementsOf(`{${body.replaceAll('\\', ' ')} ;}`, at - 1) }];
}
