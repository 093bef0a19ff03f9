import { type Mutant, mutantsOf } from '../mutant.js';

const ANY_LIFE = 'test/unit/activities/any-life.test.ts';
const GONE = 'test/unit/activities/gone-unheard.test.ts';
const NAMED = 'test/unit/activities/named-trades.test.ts';
const HELD_ELSEWHERE = 'test/unit/activities/held-elsewhere.test.ts';
const TAKEN_BACK = 'test/unit/activities/taken-back.test.ts';
const TOTALS_DECIDE = 'test/unit/activities/totals-decide.test.ts';
const TOTALS = 'test/unit/domain/order/totals.test.ts';

/** Defects in how the broker's totals decide which trades of an order stand. */
export const TOTALS_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'activities/order/apply-totals.ts', killers: [TOTALS_DECIDE, TAKEN_BACK] }, [
    {
      id: 'stale-list-takes-fills-back',
      defect: 'a snapshot that is older than what was applied takes fills back',
      breaks: ['I2', 'F36'],
      find: 'return known.nowAtWallMs - lastAtWallMs < LAG_MS_MAX;',
      replace: 'return known.nowAtWallMs - lastAtWallMs < 0;',
    },
    {
      id: 'later-trade-in-totals',
      defect: 'a trade that happened after the look counts as one of its totals',
      breaks: ['I3', 'F14', 'F23'],
      find: 'planTotals(upTo(shownAtMs, trades), totals)',
      replace: 'planTotals(trades, totals)',
    },
    {
      id: 'guess-told-as-a-loss',
      defect: 'a person is called for a fill that was only inferred',
      breaks: ['F24'],
      find: "const cause = isGuessOnly(plan) ? 'explained' : 'gone';",
      replace: "const cause = isGuessOnly(plan) ? 'gone' : 'gone';",
    },
  ]),
  ...mutantsOf({ file: 'activities/order/apply-trade-change.ts', killers: [NAMED] }, [
    {
      id: 'correction-told-twice-books-two',
      defect: 'a correction whose trade the books hold already is applied once more',
      breaks: ['I2', 'F14'],
      find: '  if (isDone(recorded, live, change)) return;\n',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/apply-execution.ts', killers: [TOTALS_DECIDE] }, [
    {
      id: 'late-execution-above-the-totals',
      defect: 'an execution that was taken back is booked when it is told late',
      breaks: ['I2', 'I3', 'F14', 'F23'],
      find: 'return isLate(draft.order, evidence) && after > brokerFilledQuantity;',
      replace: 'return isLate(draft.order, evidence) && after > Number.MAX_SAFE_INTEGER;',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/repair-order.ts', killers: [TOTALS_DECIDE] }, [
    {
      id: 'lowered-after-one-look',
      defect: 'one read that shows less takes fills back',
      breaks: ['I2', 'I3', 'F23'],
      find: 'const again = await world.broker.orderById(shown.brokerOrderId);',
      replace: 'const again: BrokerOrder | null = await Promise.resolve(shown);',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/newness.ts', killers: [ANY_LIFE, HELD_ELSEWHERE] }, [
    {
      id: 'other-money-not-noticed',
      defect: 'a trade in the place of one of its size keeps the price of that one',
      breaks: ['I3', 'I4', 'F23'],
      find: 'areTotalsOf(live, totalsOf(shown.filledQuantity, shown.filledAveragePrice))',
      replace: 'areTotalsOf(live, totalsOf(shown.filledQuantity, null))',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/known-trades.ts', killers: [TOTALS_DECIDE, ANY_LIFE] }, [
    {
      id: 'listed-trades-not-considered',
      defect: 'trades that only the list of executions tells are guessed instead of booked',
      breaks: ['I3', 'F24'],
      find: 'const untold = [...listed];',
      replace: 'const untold = listed.slice(0, 0);',
    },
    {
      id: 'given-up-is-gone-for-ever',
      defect: 'a trade that was given up for totals alone is never believed again',
      breaks: ['I2', 'I3', 'F23'],
      find: 'return taken?.reversal.eventId === null ? [last] : [];',
      replace: 'return taken?.reversal.eventId === last.fillId ? [last] : [];',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/known-trades.ts', killers: [GONE, NAMED] }, [
    {
      id: 'frames-not-considered',
      defect: 'what frames have told of trades is not among what may stand',
      breaks: ['I3', 'F23'],
      find: 'const heard = heardTrades(await framesOf(transaction, step.evidence));',
      replace: 'const heard = heardTrades([]);',
    },
    {
      id: 'changed-trade-stands-by-its-list',
      defect: 'a trade that a frame has taken back may stand, since a list still has it',
      breaks: ['I3', 'F23'],
      find: '  for (const trade of heard.gone) take({ ...trade, activityId: null });\n',
      replace: '',
    },
    {
      id: 'any-nameless-trade-is-meant',
      defect: 'a bust takes back the newest trade without a name, whichever it names',
      breaks: ['I3', 'F23'],
      find: 'return takeMatch(nameless, (fill) => [fill], { ...told, activityId: null });',
      replace: 'return nameless.at(-1) ?? null;',
    },
  ]),
  ...mutantsOf({ file: 'activities/reconciliation/reconcile.ts', killers: [HELD_ELSEWHERE] }, [
    {
      id: 'price-that-only-cash-shows',
      defect: 'a correction that nobody told stays a difference of cash for ever',
      breaks: ['I4', 'I11', 'F23'],
      find: '    await repairMoney(world);\n',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'domain/order/totals.ts', killers: [TOTALS] }, [
    {
      id: 'explained-by-quantity-alone',
      defect: 'trades of the right quantity and other money are taken for the totals',
      breaks: ['I3', 'I4'],
      find: 'if (units === totals.cumulative) return isMoneyOf(usd(money), totals);',
      replace: 'if (units === totals.cumulative) return money >= 0;',
    },
  ]),
  ...mutantsOf({ file: 'activities/stream/apply-updates.ts', killers: [GONE] }, [
    {
      id: 'guess-stands-although-told',
      defect: 'what was told late does not lead to another look at a guess',
      breaks: ['I3', 'F24'],
      find: ' || applied.isHoldingGuess;',
      replace: ';',
    },
  ]),
  ...mutantsOf({ file: 'domain/order/totals-plan.ts', killers: [TOTALS] }, [
    {
      id: 'inferred-at-the-average-of-all',
      defect: 'an inferred fill is booked for the money of the whole order',
      breaks: ['I4', 'I5', 'F24'],
      find: 'const money = notional === null ? ZERO_USD : subtractUsd(notional, notionalIn(kept));',
      replace: 'const money = notional ?? ZERO_USD;',
    },
    {
      id: 'newest-price-changes',
      defect: 'an untold price is given to the newest trade, however far that moves it',
      breaks: ['I3'],
      find: '.toSorted((left, right) => left.change - right.change)',
      replace: '.toSorted((left, right) => left.change * 0 - right.change * 0)',
    },
  ]),
];
