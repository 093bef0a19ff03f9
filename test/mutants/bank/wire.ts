import { type Mutant, mutantsOf } from '../mutant.js';

const ORDER_GROUPS = 'test/unit/activities/order-groups.test.ts';
const WAITING_LEGS = 'test/unit/activities/waiting-legs.test.ts';

/** Defects of reading what Alpaca writes. */
export const WIRE_MUTANTS: readonly Mutant[] = [
  ...mutantsOf(
    {
      file: 'adapters/market-data/alpaca/bar-reader.ts',
      killers: ['test/adapters/alpaca-market-data.test.ts'],
    },
    [
      {
        id: 'busy-minute-unreadable',
        defect: 'a minute of more shares than an order may have keeps all bars from being read',
        breaks: ['I14'],
        find: 'return isBeyond ? quantity(Number.MAX_SAFE_INTEGER) : quantityOf(record, member);',
        replace: 'return quantityOf(record, member);',
      },
    ],
  ),
  ...mutantsOf(
    { file: 'activities/reconciliation/compare-with-broker.ts', killers: [WAITING_LEGS] },
    [
      {
        id: 'waiting-leg-missed',
        defect: 'a leg that waits for its group, listed among the closed, differs for ever',
        breaks: ['I4', 'I11'],
        find: 'const orders = [...listed, ...(await waitingLegs(world, before.open, listed))];',
        replace: 'const orders = listed;',
      },
      {
        id: 'ended-leg-still-waits',
        defect: 'a leg that has ended unheard passes for one that waits',
        breaks: ['I4', 'I11', 'F18'],
        find: 'if (shown !== null && !hasEnded(shown)) waiting.push(shown);',
        replace: 'if (shown !== null) waiting.push(shown);',
      },
      {
        id: 'pending-leg-missed',
        defect: 'a leg that waits at the broker while a cancel of it pends here differs for ever',
        breaks: ['I4', 'I11', 'I14'],
        find: 'isOfGroup(order.intent) && !ids.has',
        replace: "order.progress.state === 'held' && !ids.has",
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'adapters/broker/alpaca/alpaca-broker.ts',
      killers: ['test/adapters/alpaca-reads.test.ts'],
    },
    [
      {
        id: 'fills-lost-between-pages',
        defect: 'executions of the instant in which a page ends are never read',
        breaks: ['I2', 'F17'],
        find: "beforeLastInstant(({ activityId }) => activityId.split('::')[0] ?? '')",
        replace: '(page) => page.at(-1) ?? null',
      },
      {
        id: 'group-cut-by-a-page',
        defect: 'orders of the instant in which a page ends are never read',
        breaks: ['I4', 'F17'],
        find: "beforeLastInstant(({ submittedAt }) => submittedAt ?? '')",
        replace: '(page) => page.at(-1) ?? null',
      },
      {
        id: 'clock-rules-the-budget',
        defect: 'the limit of the clock’s service holds back orders, or lets too many go',
        breaks: ['I7', 'F26'],
        find: 'askAside: (call) => ask(call, { keys, onRateLimit: () => {} }),',
        replace: 'askAside: (call) => ask(call, { keys, onRateLimit }),',
      },
    ],
  ),
  ...mutantsOf({ file: 'activities/reconciliation/repair-all.ts', killers: [ORDER_GROUPS] }, [
    {
      id: 'legs-of-a-lost-answer',
      defect: 'a repair that finds the entry of a group leaves its legs out of the books',
      breaks: ['I4', 'F03'],
      find: 'if (!isKnown) await completeGroup(world, shown.clientOrderId);',
      replace: '',
    },
  ]),
  ...mutantsOf(
    {
      file: 'adapters/broker/alpaca/account-reader.ts',
      killers: ['test/adapters/alpaca-reads.test.ts'],
    },
    [
      {
        id: 'hard-to-borrow-sold-short',
        defect: 'shorts of what the broker does not lend are sent, each to be refused',
        breaks: ['I9'],
        find: "shortable: flagOf(asset, 'shortable') && isLent(asset),",
        replace: "shortable: flagOf(asset, 'shortable'),",
      },
    ],
  ),
  ...mutantsOf(
    { file: 'activities/order/evidence.ts', killers: ['test/unit/activities/fills.test.ts'] },
    [
      {
        id: 'a-trade-at-two-instants',
        defect: 'what the stream tells in nine digits and a list rounds is taken for two trades',
        breaks: ['I3', 'F23'],
        find: '(at === null ? null : parseTradeInstant(at)) ?? receivedAtMs',
        replace: '(at === null ? null : (Date.parse(at) as EpochMs)) ?? receivedAtMs',
      },
    ],
  ),
];
