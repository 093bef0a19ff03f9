import { BadArguments, readOptions, type SimulateOptions, USAGE } from './command/options.js';
import { reportCoverage } from './command/report-coverage.js';
import { runMany } from './command/run-many.js';
import type { SeedJob } from './command/run-with-store.js';
import { type Tally, Tallying } from './command/tally.js';
import type { SeedResult } from './run-seed.js';

const DATABASE_EVERY = 50;
/** One seed is looked at closely, many are run quickly. */
const STACK_LINES_OF_ONE = 10;

function jobsOf({ seeds, first, faults, store }: SimulateOptions): readonly SeedJob[] {
  return Array.from({ length: seeds }, (_nothing, index) => {
    const seed = first + index;
    const isReal = store === null ? seed % DATABASE_EVERY === 0 : store === 'prisma';
    const stackLines = seeds === 1 ? STACK_LINES_OF_ONE : 0;
    return { seed, faults, stackLines, store: isReal ? 'prisma' : 'memory' };
  });
}

/** A failing seed is a bug report: what was violated, what was put, and how it came about. */
function reportFailure({ seed, violations, faults, tail }: SeedResult): void {
  const put = Object.entries(faults).map(([fault, count]) => `${fault} ${count}×`);
  const lines = [
    `seed ${seed}: ${violations.length} violations`,
    ...violations.map((line) => `  ${line}`),
    `  faults: ${put.join(', ')}`,
    '  the end of its trace:',
    ...tail.map((line) => `    ${line}`),
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

function describe(tally: Tally, seconds: number): string {
  const faults = Object.entries(tally.faults).map(([name, count]) => `${name} ${count}`);
  const perMinute = Math.round((tally.seeds / seconds) * 60);
  return [
    `${tally.seeds} seeds in ${seconds.toFixed(1)} s: ${perMinute} a minute`,
    `orders ${tally.orders} (at least ${tally.ordersLeast} in each), fills ${tally.fills}, ` +
      `commits ${tally.commits}, deaths ${tally.deaths}, replays ${tally.replays}`,
    `halts complete ${tally.halts.complete}, judged by the exchange ${tally.halts.judged}; ` +
      `sends in reduce-only ${tally.halts.reduceOnlySends}`,
    `left: ${Object.entries(tally.states)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    `faults: ${faults.length === 0 ? 'none' : faults.join(', ')}`,
    tally.violations === 0
      ? 'violations: none'
      : `violations: ${tally.violations} in seeds ${tally.failedSeeds.join(', ')}`,
  ].join('\n');
}

async function simulate(options: SimulateOptions): Promise<number> {
  const tallying = new Tallying();
  const startedAtMs = performance.now();
  await runMany(jobsOf(options), options.processes, (result) => {
    tallying.add(result);
    if (result.violations.length > 0) reportFailure(result);
  });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { coverage, ...tally } = tallying.result;
  const shown = options.isCoverage ? { ...tally, coverage } : tally;
  if (options.isJson) process.stdout.write(`${JSON.stringify({ ...shown, seconds })}\n`);
  else process.stdout.write(`${describe(tallying.result, seconds)}\n`);
  const unmet = options.isCoverage ? reportCoverage(tallying.result) : [];
  for (const line of unmet) process.stderr.write(`${line}\n`);
  return tally.violations === 0 && unmet.length === 0 ? 0 : 1;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) process.stdout.write(USAGE);
  else process.exitCode = await simulate(options);
} catch (error) {
  if (!(error instanceof BadArguments)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
