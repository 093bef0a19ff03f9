import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COUNTED_SYMBOL, LANES, measureCounters, measureTimings } from './orders/measure.js';
import { BadArguments, type BenchOptions, readOptions, USAGE } from './orders/options.js';
import { makeReport, printedReport, type Report } from './orders/report.js';
import { benchPort, openBenchStack } from './orders/stack.js';

const INTERRUPTED = 130;

/**
 * `npm run bench -- orders`: how long an order takes from the decision to the exchange's socket,
 * what it costs, and what is counted of it, beside floors and a naive workflow measured in the same
 * run. It tells and does not judge: the exit code is 0 whatever the figures.
 */
async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  const report = await measure(options, temporalBinary());
  const text = options.isJson ? JSON.stringify(report) : printedReport(report);
  process.stdout.write(`${text}\n`);
}

async function measure(options: BenchOptions, binary: string): Promise<Report> {
  const startedAtMs = performance.now();
  const onProgress = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ordinis-bench-')));
  const dataDirectory = join(folder, 'data');
  mkdirSync(dataDirectory, { mode: 0o700 });
  const symbols = Array.from({ length: LANES }, (_, lane) => `LANE${lane}`);
  const opening = openBenchStack({
    dataDirectory,
    temporalBinary: binary,
    temporalPort: benchPort(),
    symbols: [...symbols, COUNTED_SYMBOL],
  });
  const cleanUp = once(async () => {
    try {
      await (await opening).close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  const undo = cleanUpOnSignals(cleanUp);
  try {
    const stack = await opening;
    onProgress('counting');
    const counters = await measureCounters(stack);
    const { orders, isCountersOnly } = options;
    const timings = isCountersOnly ? null : await measureTimings(stack, { orders, onProgress });
    return makeReport(counters, timings, performance.now() - startedAtMs);
  } finally {
    await cleanUp();
    undo();
  }
}

/** What is asked for twice is done once, and both wait for it. */
function once(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | null = null;
  return () => {
    acting ??= act();
    return acting;
  };
}

/** An interrupted bench leaves no server and no folder behind. */
function cleanUpOnSignals(cleanUp: () => Promise<void>): () => void {
  const stop = (): void => {
    const end = (): never => process.exit(INTERRUPTED);
    cleanUp().then(end, end);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}

/** Found or made by `npm run bench`, which names it in the environment. */
function temporalBinary(): string {
  const binary = process.env['ORDINIS_TEMPORAL_BIN'];
  if (binary !== undefined && binary !== '') return binary;
  throw new BadArguments(
    'expected a Temporal server of our own in ORDINIS_TEMPORAL_BIN, found none; start the bench ' +
      'with "npm run bench -- orders"',
  );
}

process.umask(0o077);
main(process.argv.slice(2)).catch((error: unknown) => {
  const isForAPerson = error instanceof BadArguments;
  const text = error instanceof Error && !isForAPerson ? error.stack : String(error);
  process.stderr.write(`bench: ${isForAPerson ? error.message : text}\n`);
  process.exit(isForAPerson ? 2 : 1);
});
