import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { setUp } from './setup.mjs';

// `npm run bench -- orders …` runs dist/bench/orders.js; without a name it is orders.
const [, , name = 'orders', ...args] = process.argv;
await setUp({ program: true, temporal: true });
const program = join(root, 'dist', 'bench', `${name}.js`);
if (!existsSync(program)) {
  process.stderr.write(`bench: expected a file bench/${name}.ts, found none; see bench/\n`);
  process.exit(2);
}
const { status } = spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
