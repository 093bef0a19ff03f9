import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { handOver } from './hand-over.mjs';
import { root } from './places.mjs';
import { setUp } from './setup.mjs';

// `npm run bench -- orders …` runs dist/bench/orders.js; without a name it is orders.
const [, , name = 'orders', ...args] = process.argv;
const names = readdirSync(join(root, 'bench')).flatMap((file) =>
  file.endsWith('.ts') ? [file.replace(/\.ts$/, '')] : [],
);
if (/^--?h(elp)?$/.test(name)) {
  for (const bench of names) process.stdout.write(`npm run bench -- ${bench} [--help]\n`);
  process.exit(0);
}
if (!names.includes(name)) {
  process.stderr.write(`bench: expected one of ${names.join(', ')}, found ${name}; choose one\n`);
  process.exit(2);
}
await setUp({ program: true, temporal: true });
const program = join(root, 'dist', 'bench', `${name}.js`);
handOver(process.execPath, [program, ...args]);
