/** What was met lately, by its text: bounded memory without a list of what was used when. */

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
