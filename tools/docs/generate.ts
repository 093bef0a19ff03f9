import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GENERATED_PAGES } from './pages.js';

/** Writes every generated page. Runs compiled, from `dist/tools/docs`. */
const root = fileURLToPath(new URL('../../../', import.meta.url));
for (const { path, text } of GENERATED_PAGES) {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text());
}
