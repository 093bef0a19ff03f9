import { type Mutant, mutantsOf } from '../mutant.js';

const LEGS = 'test/unit/activities/cancel-legs.test.ts';
const ASKED = 'test/unit/activities/protection-asked.test.ts';
const UNITS = 'test/unit/activities/protection-units.test.ts';

/** Defects of protection: taken away, lost unheard, put back wrongly. */
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
  ...mutantsOf({ file: 'activities/safety/asked-to-end.ts', killers: [ASKED] }, [
    {
      id: 'refused-cancel-ends-the-watch',
      defect: 'a stop whose cancel the broker did not take is not watched any more',
      breaks: ['I7'],
      find: "const isNo = answer === 'not_cancelable' || answer === 'not_found';",
      replace: "const isNo = answer === 'unknown';",
    },
    {
      id: 'cancel-beside-a-rest-forgotten',
      defect: 'a stop that a person canceled is put back, since a replacement of it had begun',
      breaks: ['I7'],
      find: 'return !isCancelFor(request, last) || isInPlace(world, row, request);',
      replace: 'return request === null || isInPlace(world, row, request);',
    },
    {
      id: 'canceled-stop-comes-back',
      defect: 'a stop that a person has canceled is put back, since the cancel was asked for twice',
      breaks: ['I7'],
      find: 'return isNo && !after.some((later) => isOfEarlierCancel(line, later));',
      replace: 'return isNo || after.some((later) => isOfEarlierCancel(line, later));',
    },
    {
      id: 'old-refusal-explained-by-any-end',
      defect: 'a stop that goes days after its cancel was refused is not missed',
      breaks: ['I7'],
      find: 'recordedAtWallMs - no.recordedAtWallMs < LAG_MS_MAX;',
      replace: 'recordedAtWallMs - no.recordedAtWallMs < Infinity * LAG_MS_MAX;',
    },
    {
      id: 'rejected-cancel-ends-the-watch',
      defect: 'a stop whose cancel was rejected later is not watched any more',
      breaks: ['I7'],
      find: "if (kind === 'cancel_rejected') return true;",
      replace: "if (kind === 'cancel_rejected') return false;",
    },
    {
      id: 'late-cancel-explains-a-loss',
      defect: 'a cancel that came after the end passes for its cause',
      breaks: ['I7'],
      find: 'fromState !== null && !isClosed(fromState);',
      replace: "fromState !== null && (!isClosed(fromState) || fromState === 'canceled');",
    },
    {
      id: 'rest-never-ordered',
      defect: 'a stop that made way for an order which never came is not missed',
      breaks: ['I7'],
      find: 'return world.marketClock.nowMs() <= request.decidedAtMs + INTENT_VALID_MS;',
      replace: 'return world.marketClock.nowMs() + INTENT_VALID_MS > request.decidedAtMs;',
    },
    {
      id: 'denied-rest-protects',
      defect: 'a stop that made way for an order which was denied is not missed',
      breaks: ['I7'],
      find: "return stateOf(rest.order) !== 'denied';",
      replace: "return stateOf(rest.order) !== 'created';",
    },
  ]),
  ...mutantsOf({ file: 'domain/safety/protection.ts', killers: [UNITS] }, [
    {
      id: 'units-put-under-two-exits',
      defect: 'stop and take-profit are put back for the same units: one is denied',
      breaks: ['I7'],
      find: '    left -= free;\n',
      replace: '',
    },
    {
      id: 'take-profit-before-the-stop',
      defect: 'of two lost legs the take-profit is put back, and no stop',
      breaks: ['I7'],
      find: "= ['stop', 'take_profit'];",
      replace: "= ['take_profit', 'stop'];",
    },
    {
      id: 'open-exits-hold-nothing',
      defect: 'a leg is put back for units that the other one holds',
      breaks: ['I7'],
      find: 'let left = Math.max(0, position.quantity - held);',
      replace: 'let left = Math.max(held, position.quantity);',
    },
  ]),
  ...mutantsOf({ file: 'activities/safety/watch-protection.ts', killers: [UNITS] }, [
    {
      id: 'denied-protection-is-back',
      defect: 'protection that our rules denied passes for put back, and nobody is told',
      breaks: ['I7'],
      find: "return { kind: 'denied', denial: progress, attempt };",
      replace: "return { kind: 'none' };",
    },
    {
      id: 'freed-units-stay-bare',
      defect: 'units that an exit held when the stop was put back never get theirs',
      breaks: ['I7'],
      find: "loss.kind === 'stop' ? Math.max(0, remainingOf(loss.lost) - given) : 0;",
      replace: "loss.kind === 'stop' ? Math.min(0, remainingOf(loss.lost) - given) : 0;",
    },
    {
      id: 'stop-for-what-never-had-one',
      defect: 'what is bought after a stop was put back gets a stop that nobody asked for',
      breaks: ['I7'],
      find: 'Math.max(0, remainingOf(loss.lost) - given)',
      replace: 'Math.max(0, remainingOf(loss.lost) + given)',
    },
    {
      id: 'take-profit-in-the-way-of-an-exit',
      defect: 'a take-profit takes the units that a stop was canceled to free',
      breaks: ['I7'],
      find: "if (loss.kind === 'stop') return false;",
      replace: 'if (loss.free > 0) return false;',
    },
  ]),
];
