import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COUNTED_SYMBOL, LANES, measureCounters, measureTimings } from './orders/measure.js';
import { BadArguments, type BenchOptions, readOptions, USAGE } from './orders/options.js';
import { makeReport, printedReport, type Report } from './orders/report.js';
import { openBenchStack } from './orders/stack.js';

/**
 * `npm run bench -- orders`: how long an order takes from the decision to the exchange's socket, what
 * it costs, and what is counted of it, beside floors and a naive workflow measured in the same run.
 * It tells and does not judge: the exit code is 0 whatever the figures.
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
  try {
    const stack = await openBenchStack({
      dataDirectory,
      temporalBinary: binary,
      symbols: [...symbols, COUNTED_SYMBOL],
    });
    try {
      onProgress('counting');
      const counters = await measureCounters(stack);
      const { orders, isCountersOnly } = options;
      const timings = isCountersOnly ? null : await measureTimings(stack, { orders, onProgress });
      return makeReport(counters, timings, performance.now() - startedAtMs);
    } finally {
      await stack.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
