import { seededNumbers } from '../support/seeded-numbers.js';
import type { ProcessKind } from '../support/own-processes.js';

/** What is done to a run, and how long it is left alone before. */
export type Deed = { readonly afterMs: number } & (
  | { readonly kind: 'kill'; readonly whom: readonly ProcessKind[] }
  /** Of the fault API of the exchange. */
  | { readonly kind: 'fault'; readonly name: string; readonly fault: object }
);

type Draw = (below: number) => number;

const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_SPREAD = 3_000;
/** Of a hundred deeds, so many are kills. */
const KILLS_PERCENT = 25;

const ORDER = { method: 'POST', path: '/v2/orders' } as const;
const HTML = '<html><body>503 Service Temporarily Unavailable</body></html>';

/** Who dies: the worker most often, everything at once now and then, as in a power cut. */
const VICTIMS: readonly (readonly ProcessKind[])[] = [
  ['ordinis'],
  ['ordinis'],
  ['ordinis'],
  ['temporal'],
  ['exchange'],
  ['ordinis', 'temporal', 'exchange'],
];

/** Everything of the fault API that a broker really does, and from which a run must recover. */
const FAULTS: readonly (readonly [name: string, make: (draw: Draw) => object])[] = [
  ['lost answer', () => ({ match: ORDER, action: { kind: 'execute_then_drop' } })],
  ['lost request', () => ({ match: ORDER, action: { kind: 'drop_before' } })],
  ['answer in part', () => ({ match: ORDER, action: { kind: 'truncate_json' } })],
  ['answer of no shape', () => ({ match: ORDER, action: { kind: 'wrong_shape' } })],
  ['answer that is no JSON', () => ({ match: ORDER, action: { kind: 'garbage' } })],
  ['5xx, nothing done', () => ({ match: ORDER, action: unavailable(false) })],
  ['5xx, and yet done', () => ({ match: ORDER, action: unavailable(true) })],
  ['slow request', (draw) => ({ match: ORDER, action: delay(draw, 'before') })],
  ['slow answer', (draw) => ({ match: ORDER, action: delay(draw, 'after') })],
  ['slow lists', (draw) => ({ match: { method: 'GET' }, action: delay(draw, 'before') })],
  ['lookup misses', () => ({ match: { times: 2 }, action: { kind: 'lookup_miss' } })],
  ['partial fill', () => ({ match: ORDER, action: { kind: 'force_partial', units: 3 } })],
  ['muted fill', () => ({ match: { event: 'fill' }, action: { kind: 'mute_event' } })],
  ['muted frame', () => ({ match: {}, action: { kind: 'mute_event' } })],
  ['frame twice', () => ({ match: {}, action: { kind: 'dup_event' } })],
  ['fill twice', () => ({ match: { event: 'fill' }, action: { kind: 'dup_event' } })],
  ['frames swapped', () => ({ match: {}, action: { kind: 'reorder_events' } })],
  ['late frame', (draw) => ({ match: {}, action: { kind: 'delay_event', ...late(draw) } })],
  ['unreadable frame', () => ({ match: {}, action: { kind: 'garbage_event' } })],
  ['stream cut', () => ({ match: {}, action: { kind: 'cut_stream' } })],
];

function unavailable(isExecuted: boolean): object {
  return { kind: 'status', status: 503, body: HTML, isExecuted };
}

function delay(draw: Draw, when: 'before' | 'after'): object {
  return { kind: 'delay', when, ...late(draw) };
}

function late(draw: Draw): { readonly delayMs: number } {
  return { delayMs: 200 + draw(2_800) };
}

/** Deed after deed, for ever; the same for the same seed. */
export function drawDeeds(seed: number): () => Deed {
  const draw = seededNumbers(seed);
  return () => {
    const afterMs = PAUSE_MS_MIN + draw(PAUSE_MS_SPREAD);
    if (draw(100) < KILLS_PERCENT) {
      return { afterMs, kind: 'kill', whom: VICTIMS[draw(VICTIMS.length)] ?? ['ordinis'] };
    }
    const [name, make] = FAULTS[draw(FAULTS.length)] ?? ['nothing', () => ({})];
    return { afterMs, kind: 'fault', name, fault: make(draw) };
  };
}

/** One line about a deed. */
export function describeDeed(deed: Deed): string {
  return deed.kind === 'kill' ? `kill ${deed.whom.join(', ')}` : `fault: ${deed.name}`;
}
