#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { setUp } from './setup.mjs';

// `npx ordinis …` in a clone. Only `start` needs a server of its own; the others talk to it. A halt
// waits for nothing: it runs what was built last, even while the sources do not compile.
const [, , command] = process.argv;
const isBuilt = existsSync(join(root, 'dist', 'cli', 'main.js'));
if (command !== 'halt' || !isBuilt) {
  await setUp({ program: true, temporal: command === 'start' });
}
await import('../../dist/cli/main.js');
