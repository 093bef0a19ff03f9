import { type Mutant, mutantsOf } from '../mutant.js';

const LEGS = 'test/unit/activities/cancel-legs.test.ts';

/** Defects of protection: taken away. */
export const PROTECTING_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'activities/session/cancel-legs.ts', killers: [LEGS] }, [
    {
      id: 'stop-canceled-in-a-halt',
      defect: 'a strategy cancels its stop while its exit would be denied',
      breaks: ['I7'],
      find: "if (isHaltedHere || account.haltMode === 'halted') return",
      replace: "if (isHaltedHere && account.haltMode === 'none') return",
    },
    {
      id: 'stop-canceled-by-an-old-bar',
      defect: 'a bar that came late cancels the stop, and its exit is too old to be sent',
      breaks: ['I7'],
      find: 'const isTooOld = isVoid ||',
      replace: 'const isTooOld = isVoid &&',
    },
    {
      id: 'stop-canceled-before-a-closed-gate',
      defect: 'a strategy cancels its stop while nothing can be sent',
      breaks: ['I7'],
      find: '?.reason ?? null;',
      replace: '?.reason === account.account ? account.account : null;',
    },
    {
      id: 'entry-stays-in-a-halt',
      defect: 'a strategy cannot take back its entry while halted',
      breaks: ['I7'],
      find: "purpose === 'exit' ? await",
      replace: "['exit', 'entry'].includes(purpose) ? await",
    },
  ]),
];
