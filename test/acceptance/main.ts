import { writeFileSync } from 'node:fs';
import type { Bench } from './bench.js';
import { CARDS } from './cards/index.js';
import { leaveNothing } from './leave-nothing.js';
import { openBench } from './open-bench.js';
import { type AcceptanceOptions, BadArguments, readOptions, USAGE } from './options.js';
import { type AcceptanceReport, countsOf, jsonReport, lineOf, markdownReport } from './report.js';
import { type CardResult, runCard } from './run-cards.js';
import { onInterrupt } from '../support/on-interrupt.js';
import { StartWasRefused } from '../support/system.js';

type Variables = Readonly<Record<string, string | undefined>>;
type Keys = Readonly<Record<string, string>>;

const WRONG_USE = 2;
const MARKET_PATIENCE_MS = 120_000;
/** The card that leaves nothing behind: it is tried whatever happened before. */
const FLAT_CARD = 90;

/**
 * `npm run accept`: walks the cards at a broker and reports. Exit code 1: a card failed, or
 * something was left behind; 2: wrong use, no keys, or an account that is in use.
 */
export async function main(
  args: readonly string[],
  variables: Variables = process.env,
): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === null) process.stdout.write(USAGE);
    return options === null ? 0 : await accept(options, keysIn(variables));
  } catch (error) {
    if (!(error instanceof BadArguments || error instanceof StartWasRefused)) throw error;
    process.stderr.write(`accept: ${error.message}\n`);
    return WRONG_USE;
  }
}

async function accept(options: AcceptanceOptions, keys: Keys): Promise<number> {
  const { bench, close } = await openBench({ ...options, environment: keys });
  // Until the first card nothing was sent, and nothing has to be put in order.
  const undo = onInterrupt(close);
  try {
    await bench.system.start();
    const { account, exchange } = bench.system.run;
    const startedAt = new Date().toISOString();
    if (exchange !== null) {
      await bench.see('the market is open', () => bench.isMarketOpen(), MARKET_PATIENCE_MS);
    }
    undo();
    const results = await walk(bench);
    return tell(options, { broker: options.broker, account, startedAt, results });
  } finally {
    undo();
    await close();
  }
}

/** All cards in turn; an interrupted walk cleans up like one that came to its end. */
async function walk(bench: Bench): Promise<readonly CardResult[]> {
  const results: CardResult[] = [];
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
    process.stderr.write('accept: interrupted: after this card everything is put in order\n');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    for (const card of CARDS) {
      if (isInterrupted && card.number < FLAT_CARD) continue;
      const result = await runCard(bench, card);
      results.push(result);
      process.stderr.write(`accept: ${lineOf(result)}\n`);
      if (card.number === FLAT_CARD && result.outcome !== 'passed') await sayWhatIsLeft(bench);
    }
    return results;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function sayWhatIsLeft(bench: Bench): Promise<void> {
  const left = await leaveNothing(bench);
  for (const line of left) process.stderr.write(`accept: LEFT BEHIND: ${line}\n`);
}

function tell({ report: path, isJson }: AcceptanceOptions, report: AcceptanceReport): number {
  if (path !== null) writeFileSync(path, `${markdownReport(report)}\n`);
  const text = isJson ? jsonReport(report) : `accept: ${countsOf(report.results)}`;
  process.stdout.write(`${text}\n`);
  return report.results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}

/** The keys that a person has in the environment reach the start, and nobody else. */
function keysIn(variables: Variables): Keys {
  const names = ['APCA_API_KEY_ID', 'APCA_API_SECRET_KEY'] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = variables[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
