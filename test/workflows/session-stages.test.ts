import '../simulator/temporal/workflow-globals.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failure } from '../../activities/failure.js';
import { placeOrder } from '../../activities/order/place-order.js';
import { epochMs } from '../../domain/values/index.js';
import {
  brokerQueue,
  SESSION_WORKFLOW,
  type SessionInput,
  sessionWorkflowId,
} from '../../workflows/contract/index.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import { followingPromises } from '../simulator/time/followed-values.js';
import { BROKER_START_MS } from '../support/scripted-broker.js';
import { ACCOUNT, openTestWorld, type TestWorld } from '../support/test-world.js';
import { inputOf } from '../unit/activities/order-of-test.js';

const DATE = '2013-10-07';
const SESSION = sessionWorkflowId(ACCOUNT, DATE);
const INPUT: SessionInput = {
  account: ACCOUNT,
  marketDate: DATE,
  strategy: 'demonstration',
  strategyParameters: {},
  symbols: ['SPY'],
  dataFeed: 'iex',
};

interface Day {
  readonly theatre: ReturnType<typeof openSimulatedTheatre>;
  readonly until: (isSo: () => Promise<boolean>) => Promise<void>;
  /** The last decision of the session. */
  readonly last: () => Promise<string>;
}

/** A session that has just started. */
async function startDay(test: TestWorld): Promise<Day> {
  const theatre = openSimulatedTheatre(test);
  onTestFinished(() => theatre.close());
  const taskQueue = brokerQueue(ACCOUNT);
  const workflowType = SESSION_WORKFLOW;
  await theatre.start({ workflowType, workflowId: SESSION, taskQueue, input: INPUT });
  const last = async (): Promise<string> =>
    (await theatre.decisionsOf(SESSION)).at(-1) ?? 'nothing yet';
  // The feeding asks for the context of its activity after it has waited.
  const until: Day['until'] = (isSo) => followingPromises(() => theatre.until(isSo));
  return { theatre, last, until };
}

/** The market day is over, and all that is left is what comes after the close. */
function closeMarket({ world }: TestWorld): void {
  const over = { atMs: epochMs(BROKER_START_MS), phase: 'ended', bars: [] } as const;
  const current = async () => ({ ...over, marketDate: DATE, lastEventId: null });
  Object.assign(world, { pace: { ...world.pace, current } });
}

function backUpWith({ world }: TestWorld, backUp: () => Promise<string>): void {
  Object.assign(world, { database: { ...world.database, backUp } });
}

/** Lets something of the world hang for good; tells whether it has begun to. */
type Hang = (test: TestWorld) => () => boolean;

function hanging(): { readonly forever: () => Promise<never>; readonly hangs: () => boolean } {
  let isHanging = false;
  const forever = (): Promise<never> => {
    isHanging = true;
    return new Promise(() => undefined);
  };
  return { forever, hangs: () => isHanging };
}

const inBackup: Hang = (test) => {
  const { forever, hangs } = hanging();
  backUpWith(test, forever);
  return hangs;
};

const inFailingBackup: Hang = (test) => {
  let tries = 0;
  backUpWith(test, async () => {
    tries += 1;
    throw failure('BooksUnusable', 'no room');
  });
  return () => tries > 0;
};

const beforeTheOpen: Hang = (test) => {
  const { forever, hangs } = hanging();
  test.broker.beforeAnswer = (call) => (call === 'positions' ? forever() : undefined);
  return hangs;
};

const afterTheClose: Hang = (test) => {
  const { forever, hangs } = hanging();
  closeMarket(test);
  test.broker.beforeAnswer = async () => {
    const runs = await test.world.reader.reconciliation.recentRuns(1);
    if (runs.length > 0) await forever();
  };
  return hangs;
};

describe('a stop', () => {
  it.each([
    ['as it starts', () => () => true],
    ['in a backup that hangs', inBackup],
    ['between the tries of a backup', inFailingBackup],
    ['in a comparison that hangs, before the open', beforeTheOpen],
    ['at day orders that nobody tells of, after the close', afterTheClose],
  ] as const)('%s → heard, and the session ends', async (_when, hang) => {
    const test = await openTestWorld();
    await placeOrder(test.world, inputOf());
    const hangs = hang(test);
    const { theatre, last, until } = await startDay(test);
    await until(async () => hangs());
    await theatre.signal(SESSION, 'stop', 'shutting down');
    await until(async () => (await last()).startsWith('completed'));
    expect(await last()).toBe('completed {"outcome":"interrupted","summary":null}');
  });
});

describe('a backup that fails', () => {
  const alertsOf = async ({ world }: TestWorld): Promise<readonly string[]> =>
    (await world.reader.alerts.recent(9)).map(
      ({ severity, title, message }) => `${severity} ${title}: ${message}`,
    );

  it('again and again → a person is told, once, and the day goes on', async () => {
    const test = await openTestWorld();
    closeMarket(test);
    let tries = 0;
    backUpWith(test, async () => {
      tries += 1;
      throw failure('BooksUnusable', 'backups cannot be written');
    });
    const { last, until } = await startDay(test);
    await until(async () => (await last()).startsWith('completed'));
    expect(await last()).toContain('"outcome":"traded"');
    expect(tries).toBe(5);
    expect(await alertsOf(test)).toEqual([
      `critical No backup before the open of ${DATE}: backups cannot be written; the day is ` +
        'traded without it: mend the cause, then "npx ordinis backup"',
    ]);
  });

  it('at first → tried again, and nobody is told', async () => {
    const test = await openTestWorld();
    closeMarket(test);
    const faults = ['busy', 'busy'];
    backUpWith(test, async () => {
      const fault = faults.pop();
      if (fault !== undefined) throw failure('BooksBusy', fault);
      return 'backed up';
    });
    const { last, until } = await startDay(test);
    await until(async () => (await last()).startsWith('completed'));
    expect(await last()).toContain('"outcome":"traded"');
    expect(faults).toEqual([]);
    expect(await alertsOf(test)).toEqual([]);
  });
});
