import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ORDER_STATES } from '../../domain/order/index.js';
import { COVERAGE_CELLS, impossibilityOf, judgeCoverage } from './coverage/coverage-cells.js';
import { COVERAGE_PAGE, coveragePage } from './coverage/coverage-page.js';
import { IMPOSSIBLE_CELLS } from './coverage/impossible-cells.js';
import { FAULT_NAMES } from './faults/fault-names.js';

const possible = COVERAGE_CELLS.filter((cell) => impossibilityOf(cell) === null);

describe('the table of faults and states', () => {
  it('every fault with every state → possible, or impossible for one reason', () => {
    expect(COVERAGE_CELLS).toHaveLength(FAULT_NAMES.length * ORDER_STATES.length);
    for (const { fault, state } of COVERAGE_CELLS) {
      const reasons = IMPOSSIBLE_CELLS.filter(
        ({ faults, states }) => faults.includes(fault) && states.includes(state),
      );
      expect({ fault, state, reasons: reasons.length <= 1 }).toMatchObject({ reasons: true });
    }
  });

  it('a fault that can meet no order at all → there is none', () => {
    const met = new Set(possible.map(({ fault }) => fault));
    expect(FAULT_NAMES.filter((fault) => !met.has(fault))).toEqual([]);
  });

  it('everything that is possible was met → nothing to say', () => {
    expect(judgeCoverage(possible)).toEqual({ metThoughImpossible: [], neverMet: [] });
  });

  it('one that is possible was not met → named', () => {
    const [first, ...others] = possible;
    expect(judgeCoverage(others)).toEqual({ metThoughImpossible: [], neverMet: [first] });
  });

  it('one that is impossible was met → named', () => {
    const cell = COVERAGE_CELLS.find((one) => impossibilityOf(one) !== null);
    expect(cell).toBeDefined();
    const met = cell === undefined ? possible : [...possible, cell];
    expect(judgeCoverage(met).metThoughImpossible).toEqual([cell]);
  });

  it('an order that the books do not have → in no state, and no cell', () => {
    const met = [...possible, { fault: 'mute_event', state: 'none' }];
    expect(judgeCoverage(met)).toEqual({ metThoughImpossible: [], neverMet: [] });
  });

  it(`${COVERAGE_PAGE} → as the table says`, () => {
    const file = new URL(`../../${COVERAGE_PAGE}`, import.meta.url);
    expect(readFileSync(file, 'utf8')).toBe(coveragePage());
  });
});
