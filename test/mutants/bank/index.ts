import type { Mutant } from '../mutant.js';
import { EVIDENCE_MUTANTS } from './evidence.js';
import { LIFECYCLE_MUTANTS } from './lifecycle.js';
import { MONEY_MUTANTS } from './money.js';
import { PROTECTING_MUTANTS } from './protecting.js';
import { RECONCILIATION_MUTANTS } from './reconciliation.js';
import { REPLACING_MUTANTS } from './replacing.js';
import { RISK_MUTANTS } from './risk.js';
import { SAFETY_MUTANTS } from './safety.js';
import { SENDING_MUTANTS } from './sending.js';
import { STREAM_MUTANTS } from './stream.js';
import { TOTALS_MUTANTS } from './totals.js';
import { WIRE_MUTANTS } from './wire.js';

/** Every seeded defect. A defect that a test has missed once belongs in here. */
export const MUTANT_BANK: readonly Mutant[] = [
  ...SENDING_MUTANTS,
  ...REPLACING_MUTANTS,
  ...EVIDENCE_MUTANTS,
  ...TOTALS_MUTANTS,
  ...STREAM_MUTANTS,
  ...RECONCILIATION_MUTANTS,
  ...SAFETY_MUTANTS,
  ...PROTECTING_MUTANTS,
  ...RISK_MUTANTS,
  ...MONEY_MUTANTS,
  ...LIFECYCLE_MUTANTS,
  ...WIRE_MUTANTS,
];
