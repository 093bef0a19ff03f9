import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readOptions, USAGE } from './open-orders/options.js';
import { makeReport, type OpenOrdersReport, printedReport } from './open-orders/report.js';
import type { PhaseWish } from './open-orders/phases.js';
import { runPhase, startPhase } from './open-orders/run-phase.js';
import { BadArguments } from './orders/options.js';
import { benchPort } from './orders/stack.js';
import { wallInstantMs } from './orders/wall-instant.js';

/**
 * `npm run bench -- open-orders`: what many open orders cost, how long a start after kill -9 takes
 * with them, and how long their end takes when all are canceled at once. Tells and does not judge.
 */
async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === null) {
    process.stdout.write(USAGE);
    return;
  }
  if (options.child !== null) {
    await runPhase(JSON.parse(options.child) as PhaseWish);
    return;
  }
  const report = await measure(options.orders);
  process.stdout.write(`${options.isJson ? JSON.stringify(report) : printedReport(report)}\n`);
}

async function measure(orders: number): Promise<OpenOrdersReport> {
  const temporalBinary = process.env['ORDINIS_TEMPORAL_BIN'];
  if (temporalBinary === undefined) throw new Error('start it with "npm run bench -- open-orders"');
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ordinis-bench-')));
  const dataDirectory = join(folder, 'data');
  mkdirSync(dataDirectory, { mode: 0o700 });
  const program = fileURLToPath(import.meta.url);
  const start = (phase: PhaseWish['phase'], expected: number) =>
    startPhase(program, {
      phase,
      dataDirectory,
      temporalBinary,
      temporalPort: benchPort(),
      orders: expected,
      startedWallMs: wallInstantMs(),
    });
  try {
    process.stderr.write(`bench: ${orders} orders are sent\n`);
    const filling = await start('fill', orders);
    await filling.kill();
    process.stderr.write('bench: killed, and started again\n');
    const filled = filling.found;
    if (filled.phase !== 'fill') throw new Error('expected the figures of filling');
    const recovering = await start('recover', filled.orders);
    await recovering.end();
    const recovered = recovering.found;
    if (recovered.phase !== 'recover') throw new Error('expected the figures of recovering');
    return makeReport(filled, recovered);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.umask(0o077);
main(process.argv.slice(2)).catch((error: unknown) => {
  const isForAPerson = error instanceof BadArguments;
  const text = error instanceof Error && !isForAPerson ? error.stack : String(error);
  process.stderr.write(`bench: ${isForAPerson ? error.message : text}\n`);
  process.exit(isForAPerson ? 2 : 1);
});
