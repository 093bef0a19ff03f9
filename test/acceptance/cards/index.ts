import type { Card } from '../card.js';
import { BAD_INPUT_CARDS } from './bad-input.js';
import { ENDING_CARDS } from './ending.js';
import { GROUP_CARDS } from './groups.js';
import { HALT_CARDS } from './halts.js';
import { ORDER_CARDS } from './orders.js';
import { RECOVERY_CARDS } from './recovery.js';
import { REPLACING_CARDS } from './replacing.js';
import { SESSION_CARDS } from './session.js';

/** Every card, in the order in which they are tried. */
export const CARDS: readonly Card[] = [
  ...ORDER_CARDS,
  ...SESSION_CARDS,
  ...BAD_INPUT_CARDS,
  ...GROUP_CARDS,
  ...REPLACING_CARDS,
  ...RECOVERY_CARDS,
  ...HALT_CARDS,
  ...ENDING_CARDS,
].toSorted((left, right) => left.number - right.number);
