import { assert, type Branded, type EpochMs } from '../values/index.js';

/**
 * The originator's id of an order: derived before anything is sent, unique for ever at the broker.
 */
export type ClientOrderId = Branded<string, 'ClientOrderId'>;

export const CLIENT_ORDER_ID_PREFIX = 'ord';
const LENGTH_MAX = 48;
const REVISION_MARK = '.r';
const HASH_LENGTH = 8;
const SAFE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$/;

/**
 * A client order id from a caller's text: 1 to 48 letters, digits, dots, dashes or underscores;
 * otherwise null.
 */
export function parseClientOrderId(text: string): ClientOrderId | null {
  return SAFE.test(text) ? (text as ClientOrderId) : null;
}

/** The decision that an id stands for. Equal decisions give equal ids, after any restart. */
export interface Decision {
  readonly strategy: string;
  readonly symbol: string;
  readonly decidedAtMs: EpochMs;
  readonly leg: string;
}

/**
 * The id of a strategy's order: prefix, strategy, symbol, decision instant in base 36
 * (milliseconds), leg. What does not fit into 48 characters is an assertion: strategy names,
 * symbols and legs are limited where they enter.
 */
export function deriveClientOrderId(decision: Decision): ClientOrderId {
  const instant = decision.decidedAtMs.toString(36);
  const id = [
    CLIENT_ORDER_ID_PREFIX,
    abbreviateStrategy(decision.strategy),
    decision.symbol.replace(/[^A-Za-z0-9.]/g, '_'),
    instant,
    decision.leg,
  ].join('-');
  assert(
    id.length <= LENGTH_MAX && SAFE.test(id),
    `expected a safe client order id, found "${id}"`,
  );
  return id as ClientOrderId;
}

/**
 * The id of the order that takes the place of another: that one's id and the number of the
 * revision, from 1. A revision of a revision counts on from it, so that the ids of one wish stay
 * short. Where 48 characters are not enough, a hash stands for the end of the first id.
 */
export function deriveRevisionId(replaced: ClientOrderId, revision: number): ClientOrderId {
  assert(Number.isSafeInteger(revision) && revision > 0, `expected a revision, found ${revision}`);
  const suffix = `${REVISION_MARK}${revision}`;
  const base = revisionBaseOf(replaced);
  const room = LENGTH_MAX - suffix.length;
  const fitting =
    base.length <= room ? base : `${base.slice(0, room - HASH_LENGTH - 1)}.${hashOf(base)}`;
  const id = `${fitting}${suffix}`;
  assert(id.length <= LENGTH_MAX && SAFE.test(id), `expected a safe revision id, found "${id}"`);
  return id as ClientOrderId;
}

/** The id without its revision: equal for all orders that took one another's place. */
export function revisionBaseOf(clientOrderId: string): string {
  return clientOrderId.replace(/\.r[1-9]\d{0,3}$/, '');
}

/** FNV-1a, 32 bits, as eight hexadecimal digits. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(HASH_LENGTH, '0');
}

/** Whether an id at the broker has the shape that Ordinis gives to the orders of its strategies. */
export function isDerivedByOrdinis(clientOrderId: string): boolean {
  return clientOrderId.startsWith(`${CLIENT_ORDER_ID_PREFIX}-`);
}

/** The first sixteen characters: the registry keeps strategy names distinct within them. */
function abbreviateStrategy(strategy: string): string {
  return strategy.replace(/[^A-Za-z0-9]/g, '').slice(0, 16);
}
