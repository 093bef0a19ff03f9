import type { DenyCode, OtherDenyCode } from '../../../domain/risk/index.js';
import { quantity, wholeUnits } from '../../../domain/values/index.js';
import type { Bench, Wish } from '../bench.js';
import { type Card, MARKET_CLOSED, NotSeen } from '../card.js';

/** More than a session of cards writes. */
const AUDIT_MAX = 100_000;

/** Denied by us with its code; no attempt was ever begun, and one decision is in the books. */
async function denied(bench: Bench, code: DenyCode, wish: Wish): Promise<void> {
  const { clientOrderId, state, detail } = await bench.submit(wish);
  if (state !== 'denied' || detail?.startsWith(`${code}: `) !== true) {
    throw new NotSeen(`denied with ${code}, found ${state}: ${detail}`);
  }
  const reader = await bench.system.reader();
  const events = await reader.orders.eventsOf(clientOrderId);
  if (events.some(({ kind }) => kind === 'send_began')) throw new NotSeen('no send of a denied');
  const decisions = await reader.riskDecisions.byOrder(clientOrderId);
  if (decisions.length !== 1) throw new NotSeen(`one decision, found ${decisions.length}`);
}

/** Denied by the command line with its code: exit code 1, and one audit line in the books. */
async function deniedAsTyped(
  bench: Bench,
  code: DenyCode | OtherDenyCode,
  args: readonly string[],
  clientOrderId = bench.nextId(),
): Promise<void> {
  bench.sent.push(clientOrderId);
  const usual = ['order', 'submit', '--symbol', bench.symbol, '--side', 'buy'];
  const words = [...usual, ...args, '--id', clientOrderId];
  const end = await bench.system.command([...words, '--json']);
  const { detail } = JSON.parse(end.lines.at(-1) ?? '{}');
  bench.note(`ordinis order submit ${args.join(' ')}: exit code ${end.code}: ${detail}`);
  if (end.code !== 1 || !String(detail).startsWith(`${code}: `)) {
    throw new NotSeen(`exit code 1 and ${code}, found ${end.code} and ${detail}`);
  }
  const records = await (await bench.system.reader()).audit.from(1, AUDIT_MAX);
  const lines = records.filter(
    ({ entity, kind, body }) =>
      entity === clientOrderId && kind === 'wish_denied' && body.includes(code),
  );
  if (lines.length !== 1) throw new NotSeen(`one audit line, found ${lines.length}`);
}

/** Orders that must never reach the broker. */
export const BAD_INPUT_CARDS: readonly Card[] = [
  {
    number: 14,
    title: 'Bad input is denied before the broker',
    purpose: 'What no broker could mean is stopped here, with a code.',
    steps: [
      'Send orders of no quantity, of half a cent, of a symbol that is not loaded, of a fraction ' +
        'that stays overnight, and far above the limit.',
    ],
    expected: ['denied with the code of each', 'no attempt to send', 'one decision each'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const limit = { side: 'buy', type: 'limit' } as const;
      await denied(bench, 'invalid_quantity', { side: 'buy', quantity: quantity(0) });
      const offTick = bench.halfACentOff(-10);
      await denied(bench, 'invalid_price', { ...limit, limitPrice: offTick });
      await denied(bench, 'unknown_symbol', { side: 'buy', symbol: 'ZZZZZ' });
      await denied(bench, 'invalid_time_in_force', {
        ...limit,
        limitPrice: bench.priceOff(-10),
        quantity: quantity(500_000_000),
        timeInForce: 'gtc',
      });
      await denied(bench, 'order_notional_above_limit', {
        ...limit,
        limitPrice: bench.priceOff(-10),
        quantity: wholeUnits(10_000),
      });
    },
  },
  {
    number: 15,
    title: 'Mistyped orders are denied by the command line',
    purpose: 'What cannot be an order leaves its code and one audit line, and nothing else.',
    steps: [
      'Type ten decimals, none, a negative quantity, a word for a number, a time that is none.',
      'Type another order under the id of card 2.',
    ],
    expected: ['exit code 1 and the code of each', 'one audit line each', 'no order came of it'],
    ...MARKET_CLOSED,
    run: async (bench) => {
      const [first] = bench.sent;
      if (first === undefined) throw new NotSeen('the order of card 2');
      const count = async (): Promise<number> =>
        (await (await bench.system.reader()).orders.recent(1_000)).length;
      const before = await count();
      await deniedAsTyped(bench, 'invalid_quantity', ['--qty', '0.0000000001']);
      await deniedAsTyped(bench, 'invalid_quantity', ['--qty', '0']);
      await deniedAsTyped(bench, 'invalid_quantity', ['--qty', '-1']);
      await deniedAsTyped(bench, 'invalid_quantity', ['--qty', 'one']);
      await deniedAsTyped(bench, 'invalid_time_in_force', ['--qty', '1', '--tif', 'week']);
      await deniedAsTyped(bench, 'id_used_with_other_fields', ['--qty', '7'], first);
      await bench.see('no order came of it', async () => (await count()) === before);
      await bench.see('the order of card 2 is as it was', async () => {
        const { order } = await bench.row(first);
        return order.attempts === 1 && order.filledQuantity === wholeUnits(1);
      });
    },
  },
];
