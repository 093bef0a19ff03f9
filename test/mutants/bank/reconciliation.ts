import { type Mutant, mutantsOf } from '../mutant.js';

const RECONCILE = 'test/unit/activities/reconcile.test.ts';
const FOREIGN_WRITER = 'test/unit/activities/foreign-writer.test.ts';
const IMPORT_CASH = 'test/unit/activities/import-cash.test.ts';
const UNKNOWN = 'test/unit/activities/unknown-orders.test.ts';
const COMPARE = 'test/unit/domain/reconciliation/compare.test.ts';

/** Defects of the comparison between books and broker. */
export const RECONCILIATION_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'activities/reconciliation/reconcile.ts', killers: [RECONCILE] }, [
    {
      id: 'one-comparison-is-enough',
      defect: 'a difference counts that only one comparison has found',
      breaks: ['I11', 'F36'],
      find: 'const found = confirmedDiscrepancies(second.discrepancies, third.discrepancies);',
      replace: 'const found = third.discrepancies;',
    },
    {
      id: 'difference-without-a-repair',
      defect: 'missing fills are not searched before a difference counts',
      breaks: ['I2', 'I11'],
      find: '  await repairAll(world);\n  await repairOrdersOf(world, first.discrepancies);\n',
      replace: '',
    },
    {
      id: 'critical-difference-goes-on',
      defect: 'a position on the wrong side does not halt',
      breaks: ['I4', 'I8', 'F38'],
      find: 'if (!halts) return;',
      replace: 'if (found.length > 0) return;',
    },
    {
      id: 'quantity-difference-not-parked',
      defect: 'a symbol whose quantity differs goes on trading',
      breaks: ['I4', 'I9'],
      find: "kind === 'quantity_mismatch' ||",
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/reconciliation/compare-with-broker.ts', killers: [RECONCILE] }, [
    {
      id: 'compared-while-in-flight',
      defect: 'books and broker are compared while an order is on its way',
      breaks: ['I11', 'F36'],
      find: 'if (ids.length > 0) {',
      replace: 'if (ids.length < 0) {',
    },
    {
      id: 'compared-while-moving',
      defect: 'what moved during the reading counts as a difference',
      breaks: ['I11', 'F36'],
      find: 'if (before.cash !== after.cash || moved !== undefined) {',
      replace: 'if (before.cash !== after.cash && moved !== undefined) {',
    },
  ]),
  ...mutantsOf({ file: 'activities/reconciliation/reconcile.ts', killers: [IMPORT_CASH] }, [
    {
      id: 'unread-cash-hides-a-position',
      defect: 'a position that is missing is not found while the activities of cash cannot be read',
      breaks: ['I4', 'I8'],
      find: 'await importIfTold(world);',
      replace: 'await importCash(world);',
    },
  ]),
  ...mutantsOf({ file: 'activities/reconciliation/import-cash.ts', killers: [IMPORT_CASH] }, [
    {
      id: 'cash-imported-whatever-it-explains',
      defect: 'activities are booked that do not explain the difference',
      breaks: ['I4', 'I5'],
      find: 'if (added.length === 0 || unexplained >',
      replace: 'if (added.length === 0 || -unexplained >',
    },
  ]),
  ...mutantsOf({ file: 'activities/reconciliation/foreign-writer.ts', killers: [FOREIGN_WRITER] }, [
    {
      id: 'two-elders',
      defect: 'who finds the account idle at first takes itself for the elder ever after',
      breaks: ['I13', 'F54'],
      find: 'isDerivedByOrdinis(id) && !ours.has(id)',
      replace: 'isDerivedByOrdinis(id) && ours.has(id)',
    },
  ]),
  ...mutantsOf({ file: 'domain/reconciliation/compare.ts', killers: [COMPARE] }, [
    {
      id: 'missing-here-is-nothing',
      defect: 'a position that only the broker has is no difference',
      breaks: ['I4', 'F38'],
      find: 'const symbols = [...new Set([...ours.keys(), ...theirs.keys()])].sort();',
      replace: 'const symbols = [...new Set(ours.keys())].sort();',
    },
    {
      id: 'ten-percent-is-medium',
      defect: 'the boundary of a medium difference is off by one',
      breaks: ['I4'],
      find: 'if (difference * 10 > Math.abs(broker))',
      replace: 'if (difference * 10 >= Math.abs(broker))',
    },
  ]),
  ...mutantsOf(
    { file: 'activities/reconciliation/adopt-external-order.ts', killers: [RECONCILE, UNKNOWN] },
    [
      {
        id: 'own-order-taken-as-external',
        defect: 'an order that may be ours is booked as somebody else’s',
        breaks: ['I1', 'I4'],
        find: "if (inFlight.length > 0) return 'left';",
        replace: '',
      },
      {
        id: 'left-order-counted-as-entered',
        defect: 'an order that was left for later is taken as entered, and forgotten',
        breaks: ['I4'],
        find: "if (adopted === 'left') return false;",
        replace: "if (adopted === 'left') return true;",
      },
    ],
  ),
];
