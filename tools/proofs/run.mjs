import { join } from 'node:path';
import { setUp } from '../setup/setup.mjs';
import { root } from '../setup/places.mjs';

// `npm run mutants -- …` runs test/mutants/main.ts, and so for the other long forms of the tests.
// They are not built: Vite loads them from their sources, as the test runner does.
const NEEDS = {
  mutants: { program: true, temporal: false },
  chaos: { program: true, temporal: true },
  acceptance: { program: true, temporal: true },
};
const [, , name, ...args] = process.argv;
if (NEEDS[name] === undefined) {
  process.stderr.write(`proofs: expected ${Object.keys(NEEDS).join(', ')}, found ${name}\n`);
  process.exit(2);
}
await setUp(NEEDS[name]);
// Loaded only now: setup may have had to install it first.
const { createViteServer } = await import('vitest/node');
const vite = await createViteServer({
  root,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  cacheDir: join(root, 'node_modules', '.vite', 'proofs'),
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
try {
  const { main } = await vite.ssrLoadModule(`/test/${name}/main.ts`);
  process.exitCode = await main(args);
} finally {
  await vite.close();
}
