import type { Card } from '../card.js';
import { BAD_INPUT_CARDS } from './bad-input.js';
import { ENDING_CARDS } from './ending.js';
import { HALT_CARDS } from './halts.js';
import { ORDER_CARDS } from './orders.js';
import { RECOVERY_CARDS } from './recovery.js';
import { SESSION_CARDS } from './session.js';

/**
 * Every card, in the order in which they are tried. Numbers 20 to 29 are kept for brackets, oco,
 * oto and replaced orders.
 */
export const CARDS: readonly Card[] = [
  ...ORDER_CARDS,
  ...SESSION_CARDS,
  ...BAD_INPUT_CARDS,
  ...RECOVERY_CARDS,
  ...HALT_CARDS,
  ...ENDING_CARDS,
].toSorted((left, right) => left.number - right.number);
