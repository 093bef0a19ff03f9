import { planTurn, OPEN_TURN_STATES } from '../../../domain/turn/index.js';
import type { TurnSignal } from '../../../domain/signal/index.js';
import { wholeUnits } from '../../../domain/values/index.js';
import { turnInputOf } from '../../../activities/turn/turn-view.js';
import { cents } from '../exchange/simulated-exchange.js';
import type { OrdinisProcess } from '../process/ordinis-process.js';
import { type SimulatedSymbol, SYMBOLS } from './market-walk.js';
import { askUntilDone, later, type Stage } from './stage.js';

const TURN_SHARE = 0.5;
const TURNS_MAX = 3;
const STRATEGY = 'walk';

/** In some runs a strategy wants what it holds to go through zero to the other side. */
export function playTurns(stage: Stage, lastsMs: number): void {
  const { chance } = stage;
  if (!chance.hit(TURN_SHARE)) return;
  const turns = chance.whole(1, TURNS_MAX);
  for (let number = 1; number <= turns; number += 1) {
    later(stage, chance.between(lastsMs * 0.3, lastsMs * 0.85), () => wantTurn(stage, number));
  }
}

/** Turns the first position that is held, as a session records it: with the signal, at once. */
function wantTurn(stage: Stage, number: number): void {
  const { chance, exchange, market } = stage;
  const units = chance.whole(1, 20);
  const decidedAtMs = exchange.nowMs;
  const isHeld = (name: SimulatedSymbol): boolean =>
    (exchange.engine.ledger.position(name)?.signedNanos ?? 0) !== 0;
  const symbol = SYMBOLS.find(isHeld) ?? chance.one(SYMBOLS);
  const decisionPrice = cents(market.centsOf(symbol));
  askUntilDone(stage, `turn ${number}`, ({ world }) => {
    const { account } = world;
    const context = { account, strategy: STRATEGY, decidedAtMs, decisionPrice };
    return recordTurn(world, { number, symbol, units, context });
  });
}

interface Wish {
  readonly number: number;
  readonly symbol: SimulatedSymbol;
  readonly units: number;
  readonly context: Omit<Parameters<typeof planTurn>[1], 'position'>;
}

async function recordTurn(world: OrdinisProcess['world'], wish: Wish): Promise<void> {
  const { number, symbol, units, context } = wish;
  const { strategy, decidedAtMs } = context;
  await world.books.transaction(world.account, async (transaction) => {
    const held = await transaction.positions.bySymbol(symbol);
    if (held === null || held.side === 'flat') return;
    const signal: TurnSignal = {
      kind: 'turn',
      leg: `t${number}`,
      symbol,
      side: held.side === 'long' ? 'sell' : 'buy',
      size: { units: wholeUnits(units) },
      type: 'market',
      limitPrice: null,
      stopPrice: null,
      timeInForce: 'day',
      reason: 'drawn by chance',
    };
    const open = await transaction.turns.inStates(OPEN_TURN_STATES, symbol);
    const planned = planTurn(signal, { ...context, position: held });
    if (planned === null || open.length > 0) return;
    const recorded = await transaction.signals.record({
      strategy,
      symbol,
      barEndAtMs: decidedAtMs,
      leg: signal.leg,
      signal: JSON.stringify(signal),
      clientOrderId: planned.plan.turnId,
      dataFeed: 'synthetic',
    });
    if (recorded === 'repeated') return;
    await transaction.turns.create({ turn: planned });
    const payload = JSON.stringify(turnInputOf(planned));
    await transaction.outbox.post({ kind: 'start_turn', target: planned.plan.turnId, payload });
  });
}
