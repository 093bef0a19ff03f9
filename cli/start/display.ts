import type { RunRecord } from '../../workers/run-record.js';
import type { StartEvent } from '../../workers/start-options.js';
import type { BooksSnapshot } from '../books-snapshot.js';
import { linkPairs, linksOf, temporalHaltCommand } from '../links.js';
import { renderPairs } from '../table.js';
import {
  afterBooks,
  afterBooksFault,
  afterEvent,
  afterStopRequest,
  INITIAL_STATE,
  type LiveState,
} from './live-state.js';
import { renderLiveView } from './live-view.js';
import { isWorthALine, type MarketEvent, plainLine } from './plain-lines.js';
import { summaryLines } from './session-summary.js';

/** What a start shows while it runs. */
export interface Display {
  onEvent(event: StartEvent): void;
  onBooks(books: BooksSnapshot | null): void;
  onBooksFault(message: string): void;
  onStopRequest(message: string): void;
  /** Leaves the last picture where it is; what follows is printed below. */
  end(): void;
}

export interface RunFolder {
  readonly dataDirectory: string;
  readonly usualDirectory: string;
}

/** Draws over what it drew before. `log-update` is one; tests keep the pictures. */
export interface Canvas {
  draw(text: string): void;
  /** Prints above the picture, to stay. */
  keep(text: string): void;
  done(): void;
}

/** One line for each event: for pipes, logs and `--json`. */
export function createPlainDisplay(print: (line: string) => void, folder: RunFolder): Display {
  let market: MarketEvent | null = null;
  let told: MarketEvent | null = null;
  return {
    onEvent: (event) => {
      const line = plainLine(event, market?.atMs ?? null);
      if (event.kind === 'market') {
        market = event;
        if (!isWorthALine(event, told)) return;
        told = event;
      }
      if (line !== null) print(line);
      for (const kept of lastingLines(event, folder)) print(kept);
    },
    onBooks: () => undefined,
    onBooksFault: () => undefined,
    onStopRequest: print,
    end: () => undefined,
  };
}

/** A picture that is drawn again at each change; what is to be copied is printed above it. */
export function createLiveDisplay(
  canvas: Canvas,
  folder: RunFolder,
  place: { readonly columns: () => number; readonly haltHint: string },
): Display {
  let state: LiveState = INITIAL_STATE;
  const show = (next: LiveState): void => {
    state = next;
    canvas.draw(renderLiveView(state, place.columns(), place.haltHint).join('\n'));
  };
  return {
    onEvent: (event) => {
      const lasting = lastingLines(event, folder);
      if (lasting.length > 0) canvas.keep(lasting.join('\n'));
      show(afterEvent(state, event));
    },
    onBooks: (books) => show(afterBooks(state, books)),
    onBooksFault: (message) => show(afterBooksFault(state, message)),
    onStopRequest: (message) => {
      canvas.keep(message);
      show(afterStopRequest(state));
    },
    end: () => canvas.done(),
  };
}

/** What a person copies or comes back to: links and halt command, and the summary of a day. */
function lastingLines(event: StartEvent, folder: RunFolder): readonly string[] {
  if (event.kind === 'ready') return [...event.notes, ...placeLines(event.run, folder)];
  if (event.kind === 'session_ended') return summaryLines(event.summary);
  return [];
}

function placeLines(run: RunRecord, folder: RunFolder): readonly string[] {
  const links = linksOf(run);
  return [
    ...(links === null ? [] : renderPairs([['Web UI', links.ui], ...linkPairs(links)])),
    'halt it from another terminal:',
    `  ${temporalHaltCommand(run, folder)}`,
  ];
}
