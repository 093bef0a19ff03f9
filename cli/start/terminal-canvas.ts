import { createLogUpdate } from 'log-update';
import type { Canvas } from './display.js';

/** A market that runs fast must not keep the terminal, and us, busy with pictures. */
const DRAW_AT_MOST_EVERY_MS = 100;

/** Draws on a terminal, at most ten times a second. */
export function terminalCanvas(stream: NodeJS.WriteStream): Canvas {
  const update = createLogUpdate(stream);
  let waiting: string | null = null;
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    timer = null;
    if (waiting === null) return;
    update(waiting);
    waiting = null;
  };
  return {
    draw: (text) => {
      waiting = text;
      timer ??= setTimeout(flush, DRAW_AT_MOST_EVERY_MS);
    },
    keep: (text) => update.persist(text),
    done: () => {
      if (timer !== null) clearTimeout(timer);
      flush();
      update.done();
    },
  };
}
