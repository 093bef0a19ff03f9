import { createLogUpdate } from 'log-update';
import type { Canvas } from './display.js';

/** A market that runs fast must not keep the terminal, and us, busy with pictures. */
const DRAW_AT_MOST_EVERY_MS = 100;

/** Draws on a terminal, at most ten times a second. */
export function terminalCanvas(stream: NodeJS.WritableStream): Canvas {
  const update = createLogUpdate(stream);
  let picture = '';
  let timer: NodeJS.Timeout | null = null;
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (picture !== '') update(picture);
  };
  return {
    draw: (text) => {
      picture = text;
      timer ??= setTimeout(flush, DRAW_AT_MOST_EVERY_MS);
    },
    keep: (text) => {
      update.clear();
      // Written as it is: a command that was broken into lines could not be copied any more.
      stream.write(`${text}\n`);
      flush();
    },
    done: () => {
      flush();
      update.done();
    },
  };
}
