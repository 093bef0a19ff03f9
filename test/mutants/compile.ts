import { join } from 'node:path';
import { repositoryRoot } from '../support/repository.js';
import type { Mutant } from './mutant.js';
import { run } from './run-command.js';
import type { ScratchCopy } from './scratch-copy.js';

const COMPILE_MS_MAX = 300_000;

/** What the compiler says about a copy, one line each. What only lacks its last use is allowed. */
export async function compileErrors(folder: string): Promise<readonly string[]> {
  const compiler = join(repositoryRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const info = join(folder, 'node_modules', '.mutants.tsbuildinfo');
  const loose = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
  const args = [compiler, '--noEmit', '--incremental', '--tsBuildInfoFile', info, ...loose];
  const { code, text } = await run(folder, args, COMPILE_MS_MAX);
  if (code === 0) return [];
  const lines = text.split('\n').filter((line) => line.includes(': error '));
  return lines.length > 0 ? lines : [`tsc ended with code ${code}: ${text.trim()}`];
}

/**
 * The mutants that do not compile, by id, with what the compiler says. One mutant of every file is
 * planted at a time: errors are told apart by their files.
 */
export async function compileFaults(
  copy: ScratchCopy,
  mutants: readonly Mutant[],
): Promise<ReadonlyMap<string, string>> {
  const faults = new Map<string, string>();
  for (let left = mutants; left.length > 0; ) {
    const layer = left.filter((one, at) => left.findIndex(({ file }) => file === one.file) === at);
    left = left.filter((one) => !layer.includes(one));
    for (const error of await errorsOf(copy, layer)) {
      const guilty = layer.filter(({ file }) => error.startsWith(`${file}(`));
      // An error in a file that nobody has changed may be anybody's.
      for (const { id } of guilty.length > 0 ? guilty : layer) {
        if (!faults.has(id)) faults.set(id, error);
      }
    }
  }
  return faults;
}

async function errorsOf(copy: ScratchCopy, layer: readonly Mutant[]): Promise<readonly string[]> {
  const planted = layer.map((mutant) => copy.plant(mutant));
  try {
    return await compileErrors(copy.folder);
  } finally {
    for (const takeOut of planted) takeOut();
  }
}
