import { describe, expect, it } from 'vitest';
import { createDayFeeder, type FeedAttempt } from '../../../activities/session/feed-day.js';
import { openTradingDay } from '../../../activities/session/trading-day.js';
import type { World } from '../../../activities/world.js';
import type { MarketStep } from '../../../adapters/broker/port.js';
import type { SystemState } from '../../../adapters/store/port.js';
import { epochMs } from '../../../domain/values/index.js';
import { BROKER_START_MS } from '../../support/scripted-broker.js';
import { ACCOUNT, BOOT_EPOCH, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { session } from './feed-of-test.js';

const OPEN: MarketStep = {
  atMs: epochMs(BROKER_START_MS + 60_000),
  marketDate: session.marketDate,
  phase: 'open',
  bars: [],
  lastEventId: null,
};
const input = { ...session, strategy: 'demonstration' };

function attempt(canceled = new AbortController().signal): FeedAttempt {
  return { canceled, heartbeat: () => undefined };
}

interface Market {
  readonly world: World;
  /** Questions for the next step that nobody has answered, and `closes` does. */
  readonly waiting: ((step: MarketStep) => void)[];
  readonly closes: () => void;
}

/** The day stands after its first minute, and whoever waits for the next one waits. */
async function openMarket(test: TestWorld): Promise<Market> {
  await openTradingDay(test.world, session);
  const waiting: Market['waiting'] = [];
  const advance = (_step: MarketStep, signal: AbortSignal): Promise<MarketStep> =>
    new Promise((resolve, reject) => {
      waiting.push(resolve);
      signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
    });
  const pace = { ...test.world.pace, current: async () => OPEN, advance };
  const closes = (): void => waiting.at(-1)?.({ ...OPEN, phase: 'after_close' });
  return { world: { ...test.world, pace }, waiting, closes };
}

describe('feeding a day', () => {
  it('a newer attempt → the first gives way and may be tried again, the newer feeds', async () => {
    const { world, waiting, closes } = await openMarket(await openTestWorld());
    const feedDay = createDayFeeder(world);
    const first = feedDay(input, attempt()).catch(String);
    await expect.poll(() => waiting).toHaveLength(1);
    const newer = feedDay(input, attempt());
    expect(await first).toBe('Error: a newer attempt took over');
    await expect.poll(() => waiting).toHaveLength(2);
    closes();
    expect(await newer).toBe('closed');
  });

  it('asked to stop → interrupted, and not to be tried again', async () => {
    const { world, waiting } = await openMarket(await openTestWorld());
    const stopping = new AbortController();
    const fed = createDayFeeder(world)(input, attempt(stopping.signal));
    await expect.poll(() => waiting).toHaveLength(1);
    stopping.abort();
    expect(await fed).toBe('interrupted');
  });

  it.each<[string, SystemState, number]>([
    ['the start still repairs', 'starting', BOOT_EPOCH],
    ['the state is a dead process’s', 'running', BOOT_EPOCH - 1],
    ['it shuts down', 'stopping', BOOT_EPOCH],
  ])('%s → held, and nothing is asked of the market', async (_name, state, bootEpoch) => {
    const test = await openTestWorld();
    let asked = 0;
    const current = async (): Promise<MarketStep> => {
      asked += 1;
      return { ...OPEN, phase: 'after_close' };
    };
    const world = { ...test.world, pace: { ...test.world.pace, current } };
    await test.books.transaction(ACCOUNT, async ({ systemState }) => {
      await systemState.set({ state, bootEpoch, message: '', updatedAtWallMs: epochMs(0) });
    });
    await expect(createDayFeeder(world)(input, attempt())).rejects.toMatchObject({
      type: 'NotTradingNow',
      nonRetryable: false,
      nextRetryDelay: 1_000,
    });
    expect(asked).toBe(0);
  });

  it('up and halted → fed: exits are decided all the same', async () => {
    const test = await openTestWorld();
    const { world, waiting, closes } = await openMarket(test);
    await test.books.transaction(ACCOUNT, async ({ systemState }) => {
      const state = { state: 'halted', bootEpoch: BOOT_EPOCH, message: '' } as const;
      await systemState.set({ ...state, updatedAtWallMs: epochMs(0) });
    });
    const fed = createDayFeeder(world)(input, attempt());
    await expect.poll(() => waiting).toHaveLength(1);
    closes();
    expect(await fed).toBe('closed');
  });
});
