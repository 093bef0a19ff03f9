import { type Mutant, mutantsOf } from '../mutant.js';

const REPLACE = 'test/unit/activities/replace-order.test.ts';
const RACES = 'test/unit/activities/replace-races.test.ts';
const GROUPS = 'test/unit/activities/order-groups.test.ts';
const EXPOSURE_RAISERS = 'test/unit/domain/safety/exposure-raisers.test.ts';
const WAITING_LEGS = 'test/unit/activities/waiting-legs.test.ts';
const OPEN_ORDERS = 'test/unit/domain/risk/open-orders.test.ts';

/** Defects of orders that hang together: groups, and what takes the place of another. */
export const REPLACING_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'domain/order/replacement.ts', killers: [RACES, REPLACE] }, [
    {
      id: 'part-filled-order-replaced-in-place',
      defect: 'what has filled in part is replaced by one of its whole quantity',
      breaks: ['I2', 'I9'],
      find: "if (!hasFilled && !isFraction) return { kind: 'in_place' };",
      replace: "if (!isFraction) return { kind: 'in_place' };",
    },
    {
      id: 'rest-without-what-filled',
      defect: 'the rest of a wish is ordered without what has filled of it',
      breaks: ['I2', 'I9'],
      find: 'quantity(wanted - filled)',
      replace: 'quantity(wanted)',
    },
    {
      id: 'overfill-not-seen',
      defect: 'a replacement keeps its whole quantity beside the fills of the old order',
      breaks: ['I2', 'I9'],
      find: 'return old.filledQuantity > 0 && most > replacement.intent.quantity;',
      replace: 'return old.filledQuantity < 0 && most > replacement.intent.quantity;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/admit-replacement.ts', killers: [REPLACE] }, [
    {
      id: 'replacement-sent-again-beside-fills',
      defect: 'a lost replacement is sent again although the old order has filled in part',
      breaks: ['I1', 'I2'],
      find: "return stateOf(order) === 'pending_replace' && !hasFilled;",
      replace: "return stateOf(order) === 'pending_replace' && order.version > 0;",
    },
    {
      id: 'replacement-without-pending',
      defect: 'the order that is replaced is not marked before the request',
      breaks: ['I1', 'I6'],
      find: "await writeOrderEvent(transaction, world, { row: old, event, source: 'ordinis' });",
      replace: '',
    },
    {
      id: 'replacement-without-driver',
      defect: 'nobody drives an order that took the place of another',
      breaks: ['I14'],
      find: 'await postStart(transaction, resumedInput(world, row));',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/undo-replacement.ts', killers: [WAITING_LEGS] }, [
    {
      id: 'waiting-leg-pends-for-good',
      defect: 'a leg that waits at the broker pends here for a cancel that was turned down',
      breaks: ['I14', 'F18'],
      find: "event === 'reported_accepted' || event === 'reported_held'",
      replace: "event === 'reported_accepted'",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/undo-replacement.ts', killers: [REPLACE, RACES] }, [
    {
      id: 'open-replacement-forgotten',
      defect: 'an order works on while its replacement may still be made',
      breaks: ['I9'],
      find: 'if (open.some(({ replaces }) => replaces === clientOrderId)) return false;',
      replace: 'if (open.length < 0) return false;',
    },
    {
      id: 'idle-replacement-pends-for-good',
      defect: 'an order pends although nobody replaces it',
      breaks: ['I14'],
      find: "if (stateOf(row.order) !== 'pending_replace') return false;",
      replace: "if (stateOf(row.order) !== 'held') return false;",
    },
    {
      id: 'old-order-pends-for-ever',
      defect: 'a refused replacement leaves the order that it was for pending',
      breaks: ['I6', 'I14'],
      find: 'if (!NEVER_IN_PLACE.includes(stateOf(replacement.order))) return;',
      replace: 'if (NEVER_IN_PLACE.length > 0) return;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/send-replacement.ts', killers: [REPLACE] }, [
    {
      id: 'unsent-replacement-waits',
      defect: 'a replacement that was not sent stays a wish that nobody drives',
      breaks: ['I14'],
      find: "if (outcome.kind !== 'not_sent' || view.state !== 'created') return view;",
      replace: "if (outcome.kind !== 'not_sent' || view.version > 0) return view;",
    },
  ]),
  ...mutantsOf({ file: 'domain/risk/open-orders.ts', killers: [OPEN_ORDERS, GROUPS] }, [
    {
      id: 'exits-of-a-group-added-up',
      defect: 'both exits of a position count, so that nothing else of it can be closed',
      breaks: ['I9'],
      find: 'remaining: quantity(Math.max(...sums))',
      replace: 'remaining: quantity(sums.reduce((total, sum) => total + sum, 0))',
    },
    {
      id: 'exits-count-before-their-entry',
      defect: 'the exits of an entry that has not filled count as open sells',
      breaks: ['I9'],
      find: 'parent === null || !entries.has(revisionBaseOf(parent))',
      replace: 'parent === null || entries.has(parent) || !entries.has(`${parent}?`)',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/apply-evidence.ts', killers: [GROUPS] }, [
    {
      id: 'early-end-hides-the-broker-id',
      defect: 'an order that ended before its fills are told has no broker order id',
      breaks: ['I6', 'F30'],
      find: 'if (brokerOrderIdOf(step.draft.order) !== null) return;',
      replace: "if (brokerOrderIdOf(step.draft.order) !== 'none') return;",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/enter-legs.ts', killers: [GROUPS] }, [
    {
      id: 'leg-without-driver',
      defect: 'nobody asks about an exit when the stream is silent',
      breaks: ['I14', 'F18'],
      find: 'await postStart(transaction, resumedInput(world, row));',
      replace: '',
    },
    {
      id: 'leg-of-nobody',
      defect: 'the exits of a strategy do not hang on its entry',
      breaks: ['I6'],
      find: 'parent: parent.order.intent.clientOrderId,',
      replace: 'parent: null,',
    },
  ]),
  ...mutantsOf({ file: 'domain/safety/exposure-raisers.ts', killers: [EXPOSURE_RAISERS] }, [
    {
      id: 'held-exit-canceled-by-a-halt',
      defect: 'a halt that keeps protection takes the stop of a bracket for a second exit',
      breaks: ['I7', 'I8'],
      find: 'if (order.isHeld) continue;',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/cancel-order.ts', killers: [RACES] }, [
    {
      id: 'canceled-for-a-rest-that-is-too-late',
      defect: 'an order ends for a replacement of it that was given up',
      breaks: ['I14', 'F31'],
      find: 'if (owed !== null && !isTooLate(world, history, owed)) await',
      replace: 'if (owed !== null && history.length > 0) await',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/replace-order.ts', killers: [RACES] }, [
    {
      id: 'second-replacement-asserted',
      defect: 'of two replacements at once the second takes the first one for its own',
      breaks: ['I14', 'F31'],
      find: 'if (view === null || sent.replacement === null) {',
      replace: 'if (view === null) {',
    },
    {
      id: 'rest-ordered-against-a-cancel',
      defect: 'an order that a person cancels while it is replaced comes back as its rest',
      breaks: ['I9', 'F31'],
      find: 'if (await isEndWanted(world, ids, request)) {',
      replace: 'if (await isEndWanted(world, [], request)) {',
    },
    {
      id: 'rest-ordered-twice',
      defect: 'two replacements of an order that has filled in part both order its rest',
      breaks: ['I2', 'I9', 'F31'],
      find: '    if (isClaimed) return false;\n',
      replace: '',
    },
    {
      id: 'lost-cancel-never-asked-again',
      defect: 'a cancel that did not reach the broker is waited for in vain',
      breaks: ['I14', 'F26'],
      find: "if (cancelAnswerOf(since)?.kind === 'requested') return null;",
      replace: 'if (since.length > 0) return null;',
    },
    {
      id: 'unanswered-cancel-is-a-no',
      defect: 'the rest is never ordered where the answer to the cancel was lost',
      breaks: ['I14', 'F04'],
      find: " || asked.outcome === 'unknown';",
      replace: ';',
    },
  ]),
  ...mutantsOf({ file: 'activities/reconciliation/repair-shown.ts', killers: [GROUPS] }, [
    {
      id: 'leg-waits-for-the-unknown',
      defect: 'a leg is left for later while an order of its symbol is unknown',
      breaks: ['I2', 'I14', 'F02'],
      find: "if (leg === 'entered') {",
      replace: "if (leg === 'entered' && source === 'stream') {",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/complete-group.ts', killers: [GROUPS] }, [
    {
      id: 'legs-of-a-rejected-group-external',
      defect: 'the legs of a group that was rejected after a yes are somebody else’s',
      breaks: ['I4', 'F29'],
      find: "  'refused',\n",
      replace: '',
    },
    {
      id: 'legs-of-an-unread-group-external',
      defect: 'legs are somebody else’s while the group that they may be of cannot be read',
      breaks: ['I4', 'F29'],
      find: "return isEntered ? 'entered' : isUnread ? 'unread' : 'none';",
      replace: "return isEntered ? 'entered' : isUnread ? 'none' : 'none';",
    },
  ]),
];
