import type { RunRecord } from '../../workers/run-record.js';
import type { StartEvent } from '../../workers/start-options.js';
import type { BooksSnapshot } from '../books-snapshot.js';
import { type MarketEvent, liveLine } from './plain-lines.js';

/** What the live view shows: the last word on everything. */
export interface LiveState {
  /** For people, upper case: STARTING, RUNNING, HALTED, STOPPING. */
  readonly phase: 'starting' | 'running' | 'halted' | 'stopping';
  readonly run: RunRecord | null;
  readonly market: MarketEvent | null;
  /** Null until the books were read. */
  readonly books: BooksSnapshot | null;
  /** Why the books could not be read the last time. */
  readonly booksFault: string | null;
  /** Oldest first. */
  readonly lastLines: readonly string[];
}

const LINES_KEPT = 8;

export const INITIAL_STATE: LiveState = {
  phase: 'starting',
  run: null,
  market: null,
  books: null,
  booksFault: null,
  lastLines: [],
};

/** The state after an event. Pure. */
export function afterEvent(state: LiveState, event: StartEvent): LiveState {
  const line = liveLine(event, state.market?.atMs ?? null);
  const lastLines =
    line === null || event.kind === 'market'
      ? state.lastLines
      : [...state.lastLines, line].slice(-LINES_KEPT);
  const next = { ...state, lastLines };
  switch (event.kind) {
    case 'ready':
      return { ...next, run: event.run, phase: event.state };
    case 'market':
      return { ...next, market: event };
    default:
      return next;
  }
}

/** The state after the books were read; a halt that they show is shown. */
export function afterBooks(state: LiveState, books: BooksSnapshot | null): LiveState {
  const mode = books?.account.haltMode ?? 'none';
  const isUp = state.phase === 'running' || state.phase === 'halted';
  const phase = isUp ? (mode === 'halted' ? 'halted' : 'running') : state.phase;
  return { ...state, phase, books: books ?? state.books, booksFault: null };
}

export function afterBooksFault(state: LiveState, booksFault: string): LiveState {
  return { ...state, booksFault };
}

export function afterStopRequest(state: LiveState): LiveState {
  return { ...state, phase: 'stopping' };
}
