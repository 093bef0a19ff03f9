import { ORDER_STATES, type OrderState } from '../../../domain/order/index.js';
import { FAULT_NAMES, type FaultName } from '../faults/fault-names.js';
import { IMPOSSIBLE_CELLS } from './impossible-cells.js';

/** A fault and a state in which the books have an order when it strikes. */
export interface CoverageCell {
  readonly fault: FaultName;
  readonly state: OrderState;
}

/** Every fault with every state. */
export const COVERAGE_CELLS: readonly CoverageCell[] = FAULT_NAMES.flatMap((fault) =>
  ORDER_STATES.map((state) => ({ fault, state })),
);

/** Why a cell cannot be; null: it can, and the documented run must meet it. */
export function impossibilityOf({ fault, state }: CoverageCell): string | null {
  const rule = IMPOSSIBLE_CELLS.find(
    ({ faults, states }) => faults.includes(fault) && states.includes(state),
  );
  return rule?.why ?? null;
}

/** What runs have shown of the table. */
export interface CoverageVerdict {
  /** Declared impossible, and met all the same: the reason is wrong. */
  readonly metThoughImpossible: readonly CoverageCell[];
  /** Possible, and never met: the runs were too few, or the reason is missing. */
  readonly neverMet: readonly CoverageCell[];
}

/** Judges what was met; an order that the books do not have is in no state. */
export function judgeCoverage(
  met: readonly { readonly fault: string; readonly state: string }[],
): CoverageVerdict {
  const seen = new Set(met.map(nameOf));
  const isMet = (cell: CoverageCell): boolean => seen.has(nameOf(cell));
  return {
    metThoughImpossible: COVERAGE_CELLS.filter(
      (cell) => isMet(cell) && impossibilityOf(cell) !== null,
    ),
    neverMet: COVERAGE_CELLS.filter((cell) => !isMet(cell) && impossibilityOf(cell) === null),
  };
}

export function nameOf({ fault, state }: { readonly fault: string; readonly state: string }) {
  return `${fault} × ${state}`;
}
