/** What a type reader (BTF, DWARF) answers: a struct's fields with their places. */

export interface FieldPlace {
  readonly offset: number;
  /** Bytes; 0 where the type's size is not told. */
  readonly size: number;
}

export interface StructPlace {
  readonly size: number;
  /** Members by name, those of anonymous structs and unions among them; bit fields left out. */
  readonly fields: ReadonlyMap<string, FieldPlace>;
}

/** All definitions of a name: kernels have several structs of one name now and then. */
export type StructReader = (name: string) => readonly StructPlace[];
