import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeReport, type OpenOrdersReport, printedReport } from './open-orders/report.js';
import type { PhaseWish } from './open-orders/phases.js';
import { runPhase, startPhase } from './open-orders/run-phase.js';
import { benchPort } from './orders/stack.js';
import { wallInstantMs } from './orders/wall-instant.js';

const USAGE = `npm run bench -- open-orders [--orders N] [--json]

  --orders N   how many orders are open (default 1000)
  --json       one JSON object on standard output
`;

/**
 * `npm run bench -- open-orders`: what many open orders cost, how long a start after kill -9 takes
 * with them, and how long their end takes when all are canceled at once. Tells and does not judge.
 */
async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      orders: { type: 'string', default: '1000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      child: { type: 'string' },
    },
  });
  if (values.child !== undefined) {
    await runPhase(JSON.parse(values.child) as PhaseWish);
    return;
  }
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const report = await measure(Number(values.orders));
  process.stdout.write(`${values.json ? JSON.stringify(report) : printedReport(report)}\n`);
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
  process.stderr.write(`bench: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
