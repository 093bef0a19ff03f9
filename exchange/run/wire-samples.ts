import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { shapeOf } from './wire-shape.js';

/** An answer of the broker's API as it was meant, before a fault spoils it on its way. */
export interface MeantAnswer {
  readonly method: string;
  /** The path as the server knows it, such as `/v2/orders/:order_id`; null where it knows none. */
  readonly route: string | null;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Empty where the answer has none. */
  readonly text: string;
}

/** A frame of a stream as it was meant. The market data stream sends several in one message. */
export interface MeantFrame {
  readonly stream: 'trade_updates' | 'market_data';
  readonly frame: object;
}

/** One line of a file of samples. */
export type WireSample =
  | ({ readonly kind: 'answer'; readonly body: unknown } & Omit<MeantAnswer, 'text'>)
  | ({ readonly kind: 'frame' } & MeantFrame)
  /** From here on new shapes of this subject are not written. */
  | { readonly kind: 'full'; readonly subject: string };

/** Bounds the file: what has so many shapes has shown what it is like. */
const SHAPES_MAX = 400;

/**
 * Writes to a file what the exchange says, so that a test of a whole system can hold it against the
 * broker's documents afterwards: of each route and status, and of each stream, one sample of every
 * shape. Of a list, the rows whose shape is new. Each line is one system call, so that a kill loses
 * none.
 */
export class WireSamples {
  private readonly shapes = new Map<string, Set<string>>();

  constructor(private readonly descriptor: number) {}

  noteAnswer({ text, ...answer }: MeantAnswer): void {
    const body: unknown = text === '' ? null : JSON.parse(text);
    const { method, route, status } = answer;
    const subject = `${method} ${route} ${status}`;
    if (!Array.isArray(body)) {
      if (this.isNew(subject, shapeOf(body))) this.write({ kind: 'answer', ...answer, body });
      return;
    }
    const rows = body.filter((row: unknown) => this.isNew(subject, shapeOf(row)));
    const isFirstEmpty = body.length === 0 && this.isNew(subject, '[]');
    if (rows.length > 0 || isFirstEmpty) this.write({ kind: 'answer', ...answer, body: rows });
  }

  noteFrame(meant: MeantFrame): void {
    if (this.isNew(meant.stream, shapeOf(meant.frame))) this.write({ kind: 'frame', ...meant });
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private isNew(subject: string, shape: string): boolean {
    const known = this.shapes.get(subject) ?? new Set();
    this.shapes.set(subject, known);
    if (known.has(shape) || known.size > SHAPES_MAX) return false;
    known.add(shape);
    if (known.size <= SHAPES_MAX) return true;
    this.write({ kind: 'full', subject });
    return false;
  }

  private write(sample: WireSample): void {
    writeSync(this.descriptor, `${JSON.stringify(sample)}\n`);
  }
}

/** Begins a file of samples of its own in a folder that is made where it is not there. */
export function openWireSamples(folder: string): WireSamples {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = `${process.pid}-${process.hrtime.bigint()}.jsonl`;
  return new WireSamples(openSync(join(folder, name), 'ax', 0o600));
}
