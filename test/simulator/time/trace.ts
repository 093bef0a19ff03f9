const TAIL_LINES = 400;
const MICROS_PER_MS = 1_000;

/** What happened, line by line: its end for people, a hash of the whole for comparing runs. */
export class Trace {
  readonly #lines: { readonly atMs: number; readonly line: string }[] = [];
  #low = 0x811c9dc5;
  #high = 0x01000193;
  #count = 0;

  note(atMs: number, line: string): void {
    this.#mix(Math.round(atMs * MICROS_PER_MS), line);
    this.#lines[this.#count % TAIL_LINES] = { atMs, line };
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
      const noted = this.#lines[index % TAIL_LINES];
      if (noted !== undefined) lines.push(`${noted.atMs.toFixed(3)} ${noted.line}`);
    }
    return lines;
  }

  #mix(atMicros: number, text: string): void {
    let low = this.#low ^ atMicros;
    let high = this.#high ^ (atMicros / 0x1_0000_0000);
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ (code + (low & 0xff)), 0x85ebca6b);
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }
}
