/** What was met lately, by its text or its bytes: bounded memory without a list of what was used when. */

import { ByteMap, hashOf } from './byte-map.ts';

/** Values by text. When the newer half is full, the older one goes; what is asked for comes back into the newer one. */
export class Recent<Value> {
  private newer = new Map<string, Value>();
  private older = new Map<string, Value>();
  private characters = 0;

  /** `most`: texts in one half, and `room`: characters in all of them, since a hostile input's are long. */
  constructor(
    private readonly most: number,
    private readonly room: number,
  ) {}

  get(text: string): Value | undefined {
    const value = this.newer.get(text);
    if (value !== undefined) return value;
    const before = this.older.get(text);
    if (before !== undefined) this.set(text, before);
    return before;
  }

  set(text: string, value: Value): void {
    this.characters += text.length;
    if (this.newer.size >= this.most || this.characters > this.room) {
      this.older = this.newer;
      this.newer = new Map();
      this.characters = text.length;
    }
    this.newer.set(text, value);
  }
}

/** The same by the first `length` bytes of an array. */
export class RecentBytes<Value> {
  private newer: ByteMap<Value>;
  private older: ByteMap<Value>;

  constructor(
    private readonly most: number,
    private readonly room: number,
  ) {
    this.newer = new ByteMap(most, room);
    this.older = this.newer;
  }

  get(bytes: Uint8Array, length: number): Value | undefined {
    const hash = hashOf(bytes, 0, length);
    const value = this.newer.get(bytes, 0, length, hash);
    if (value !== undefined || this.older === this.newer) return value;
    const before = this.older.get(bytes, 0, length, hash);
    if (before !== undefined) this.set(bytes, length, before);
    return before;
  }

  set(bytes: Uint8Array, length: number, value: Value): void {
    const hash = hashOf(bytes, 0, length);
    if (this.newer.set(bytes, 0, length, hash, value)) return;
    this.older = this.newer;
    this.newer = new ByteMap(this.most, this.room);
    this.newer.set(bytes, 0, length, hash, value);
  }
}
