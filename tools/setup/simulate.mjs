import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { handOver } from './hand-over.mjs';
import { root } from './places.mjs';
import { setUp } from './setup.mjs';

// `npm run simulate -- --seeds N …` compiles the simulator with all that it runs into a folder of
// its own below dist/, and runs it there.
const TSC = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const OUTPUT = join(root, 'dist', 'simulator');
const PROGRAM = join(OUTPUT, 'test', 'simulator', 'main.js');

await setUp({ program: true, temporal: false });
if (!existsSync(PROGRAM)) {
  rmSync(OUTPUT, { recursive: true, force: true }); // Or the compiler believes that all is there.
}
const compiled = spawnSync(process.execPath, [TSC, '-p', join(root, 'tsconfig.simulator.json')], {
  stdio: 'inherit',
});
if (compiled.status !== 0) {
  process.exit(compiled.status ?? 1);
}
const task = join('adapters', 'store', 'prisma', 'database-task.mjs');
for (const asset of [join('prisma', 'migrations'), task]) {
  cpSync(join(root, asset), join(OUTPUT, asset), { recursive: true });
}
handOver(process.execPath, [PROGRAM, ...process.argv.slice(2)]);
