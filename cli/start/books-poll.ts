import { readSnapshot } from '../books-snapshot.js';
import { firstLineOf } from '../failure.js';
import type { BooksAccess, Workers } from '../ports.js';
import type { Display } from './display.js';

const POLL_MS = 1_000;

/** Shows the books once a second until stopped. Reading disturbs nothing: a fault is shown. */
export function pollBooks(options: {
  readonly workers: Workers;
  readonly dataDirectory: string;
  readonly account: string;
  readonly display: Display;
}): { readonly stop: () => Promise<void> } {
  let access: BooksAccess | null = null;
  let reading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    try {
      access ??= await options.workers.openReader(options.dataDirectory);
      options.display.onBooks(await readSnapshot(access.reader(options.account)));
    } catch (error) {
      options.display.onBooksFault(firstLineOf(error));
    }
  };
  const tick = (): void => {
    if (reading !== null) return;
    reading = read().finally(() => {
      reading = null;
    });
  };
  tick();
  const timer = setInterval(tick, POLL_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await reading;
      await access?.close();
    },
  };
}
