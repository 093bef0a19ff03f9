import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { MarketChoice } from './start-options.js';

const schema = z.object({
  account: z.string(),
  /** What the run trades: equal for runs that may go on as one another. */
  market: z.string(),
  symbols: z.array(z.string()),
  seed: z.string(),
  keyId: z.string(),
  secret: z.string(),
  /**
   * The run's last session is over and it was shut down in order: the next start begins another.
   */
  isFinished: z.boolean(),
});

/** One simulated run: its own account, its own exchange state, its own keys. */
export type SimulatedRun = z.infer<typeof schema>;

/** The folder of the paper exchange's runs inside a data folder. */
export function exchangeFolder(dataDirectory: string): string {
  return join(dataDirectory, 'exchange');
}

/** The file in which the exchange of a run remembers its account. */
export function exchangeStateFile(dataDirectory: string, run: SimulatedRun): string {
  return join(exchangeFolder(dataDirectory), `${run.account}.jsonl`);
}

/**
 * The run to trade: the last one of the same market and symbols when it is unfinished, otherwise
 * the next number of that date. A run that is unfinished but of another market stays as it is, and
 * can be gone on with later.
 */
export function openSimulatedRun(
  dataDirectory: string,
  wish: { readonly market: MarketChoice; readonly symbols: readonly string[] },
): { readonly run: SimulatedRun; readonly isContinued: boolean } {
  const folder = exchangeFolder(dataDirectory);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const market = describeMarket(wish.market);
  const runs = readRuns(folder);
  const isSame = (run: SimulatedRun): boolean =>
    run.market === market && run.symbols.join() === wish.symbols.join();
  const last = runs.filter(isSame).at(-1);
  if (last !== undefined && !last.isFinished) return { run: last, isContinued: true };
  const prefix = `sim-${wish.market.date}-`;
  const numbers = runs.flatMap(({ account }) =>
    account.startsWith(prefix) ? [Number(account.slice(prefix.length))] : [],
  );
  const number = Math.max(0, ...numbers) + 1;
  const run: SimulatedRun = {
    account: `${prefix}${number}`,
    market,
    symbols: [...wish.symbols],
    seed: wish.market.kind === 'synthetic' ? `${wish.market.seed}` : `${wish.market.date}`,
    keyId: `PK${randomBytes(9).toString('hex').toUpperCase()}`,
    secret: randomBytes(20).toString('hex'),
    isFinished: false,
  };
  writeRun(folder, run);
  return { run, isContinued: false };
}

/** Notes that the run is over. */
export function finishSimulatedRun(dataDirectory: string, run: SimulatedRun): void {
  writeRun(exchangeFolder(dataDirectory), { ...run, isFinished: true });
}

function describeMarket(market: MarketChoice): string {
  return market.kind === 'synthetic'
    ? `synthetic ${market.date} seed ${market.seed}`
    : `recorded ${market.date} ${market.directory}`;
}

function readRuns(folder: string): readonly SimulatedRun[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.startsWith('sim-') && name.endsWith('.run.json'))
    .map((name) => schema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
    .sort((left, right) => numberOf(left) - numberOf(right));
}

function numberOf(run: SimulatedRun): number {
  return Number(run.account.split('-').at(-1));
}

function writeRun(folder: string, run: SimulatedRun): void {
  const path = join(folder, `${run.account}.run.json`);
  writeFileSync(`${path}.part`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}
