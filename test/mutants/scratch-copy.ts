import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../support/repository.js';
import { type Mutant, mutated } from './mutant.js';

/** A copy of the repository in which defects may be tried out. */
export interface ScratchCopy {
  readonly folder: string;
  /** Puts a defect in; returns how to take it out again. */
  plant(mutant: Mutant): () => void;
  remove(): void;
}

const NOT_COPIED: ReadonlySet<string> = new Set([
  '.git',
  '.setup',
  'coverage',
  'data',
  'dist',
  'node_modules',
]);

/**
 * Copies what people wrote and the generated database client to a temporary folder. Packages are
 * linked one by one, so that what the test runner keeps beside them stays in the copy.
 */
export function openScratchCopy(): ScratchCopy {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ordinis-mutants-')));
  for (const name of readdirSync(repositoryRoot)) {
    if (NOT_COPIED.has(name)) continue;
    cpSync(join(repositoryRoot, name), join(folder, name), { recursive: true });
  }
  linkPackages(folder);
  return {
    folder,
    plant: (mutant) => {
      const path = join(folder, mutant.file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, mutated(mutant, text));
      return () => writeFileSync(path, text);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function linkPackages(folder: string): void {
  const packages = join(repositoryRoot, 'node_modules');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(packages)) {
    if (name.startsWith('.') && name !== '.bin') continue;
    symlinkSync(join(packages, name), join(folder, 'node_modules', name));
  }
}
