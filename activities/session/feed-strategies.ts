import type { MarketStep } from '../../adapters/broker/port.js';
import { parseMarketDate, tradingDay } from '../../domain/market/index.js';
import { assert } from '../../domain/values/index.js';
import { strategyNamed } from '../../strategies/registry.js';
import type { ConfiguredStrategy } from '../../strategies/strategy.js';
import type { SessionInput } from '../../workflows/contract/lifecycle.js';
import { failure } from '../failure.js';
import type { World } from '../world.js';
import { decideOnBar } from './decide-on-bar.js';
import { markToMarket } from './mark-to-market.js';
import type { FeedContext } from './session-context.js';
import { settleStep } from './settle-step.js';
import { warmUp } from './warm-up.js';

export interface FeedHooks {
  readonly signal: AbortSignal;
  readonly heartbeat: (step: MarketStep) => void;
}

/**
 * Feeds a market day's bars to the strategies, from wherever market time stands to the close. Each
 * step is done when its orders are answered and the broker's events are booked; only then does
 * market time go on. A repeat after a crash decides nothing twice.
 */
export async function feedStrategies(
  world: World,
  input: SessionInput,
  hooks: FeedHooks,
): Promise<'closed' | 'interrupted'> {
  const context = openFeed(world, input, hooks);
  let step = await world.pace.current();
  await warmUp(context, isOfDay(step, input) ? step.atMs - 1 : context.day.openAtMs);
  while (!isOver(step, input)) {
    if (hooks.signal.aborted) return 'interrupted';
    await feedStep(context, step);
    hooks.heartbeat(step);
    const next = await advance(context, step);
    if (next === null) return 'interrupted';
    step = next;
  }
  world.marketClock.observe(step.atMs);
  await markToMarket(world, step);
  hooks.heartbeat(step);
  return 'closed';
}

function openFeed(world: World, input: SessionInput, hooks: FeedHooks): FeedContext {
  const date = parseMarketDate(input.marketDate);
  const day = date === null ? null : tradingDay(date);
  assert(day !== null, `expected a trading day, found ${input.marketDate}`);
  return {
    world,
    input,
    day,
    strategy: configuredStrategy(input),
    states: new Map(),
    givenUp: new Set(),
    ...hooks,
  };
}

function configuredStrategy(input: SessionInput): ConfiguredStrategy {
  const strategy = strategyNamed(input.strategy);
  if (strategy === null) {
    throw failure('ConfigurationInvalid', `expected a known strategy, found ${input.strategy}`);
  }
  const configured = strategy.configure(input.strategyParameters);
  if (!configured.ok) throw failure('ConfigurationInvalid', configured.faults.join('; '));
  return configured.strategy;
}

function isOfDay(step: MarketStep, input: SessionInput): boolean {
  return step.marketDate === input.marketDate;
}

/** The close was processed: nothing of this day can be decided any more. */
function isOver(step: MarketStep, input: SessionInput): boolean {
  if (step.marketDate > input.marketDate) return true;
  return isOfDay(step, input) && (step.phase === 'after_close' || step.phase === 'ended');
}

async function feedStep(context: FeedContext, step: MarketStep): Promise<void> {
  const { world, input, day } = context;
  world.marketClock.observe(step.atMs);
  if (!isOfDay(step, input) || step.phase !== 'open') return;
  const bars = step.bars.filter(
    (bar) => input.symbols.includes(bar.symbol) && bar.startAtMs >= day.openAtMs,
  );
  if (bars.length > 0) await refreshQuotes(context);
  const started: string[] = [];
  for (const bar of bars) started.push(...(await decideOnBar(context, bar)));
  await settleStep(context, started);
  await markToMarket(world, step);
}

async function refreshQuotes({ world, input }: FeedContext): Promise<void> {
  const quotes = await world.marketData.latestQuotes(input.symbols);
  for (const quote of quotes.values()) world.quotes.put(quote);
}

async function advance(context: FeedContext, step: MarketStep): Promise<MarketStep | null> {
  try {
    return await context.world.pace.advance(step, context.signal);
  } catch (error) {
    if (context.signal.aborted) return null; // Asked to stop while waiting for the market.
    throw error;
  }
}
