import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Open to read, as the system's own is: a test may run a program as another user. */
const MODE = 0o755;

let folder: string | null = null;

/** What a run of tests puts into temporary folders is gone with the run: they all lie in one. */
export function setup(): void {
  if (folder !== null) return; // Every project of the configuration asks for it.
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ordinis-tests-')));
  chmodSync(folder, MODE);
  process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}
