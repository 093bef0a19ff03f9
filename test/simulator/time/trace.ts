const TAIL_LINES = 400;

/** What happened, line by line: its end for people, a hash of the whole for comparing runs. */
export class Trace {
  readonly #lines: string[] = [];
  #low = 0x811c9dc5;
  #high = 0x01000193;
  #count = 0;

  note(atMs: number, line: string): void {
    const text = `${atMs.toFixed(3)} ${line}`;
    this.#mix(text);
    this.#lines[this.#count % TAIL_LINES] = text;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** Equal for equal runs. */
  get hash(): string {
    return `${this.#high.toString(16).padStart(8, '0')}${this.#low.toString(16).padStart(8, '0')}`;
  }

  /** The last lines, oldest first. */
  tail(limit: number): readonly string[] {
    const from = Math.max(0, this.#count - Math.min(limit, TAIL_LINES));
    const lines: string[] = [];
    for (let index = from; index < this.#count; index += 1) {
      lines.push(this.#lines[index % TAIL_LINES] ?? '');
    }
    return lines;
  }

  #mix(text: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ (code + (low & 0xff)), 0x85ebca6b);
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }
}
