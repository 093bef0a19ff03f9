import { compileErrors } from './compile.js';
import type { Mutant } from './mutant.js';
import { type FailedTest, runTests } from './run-tests.js';
import type { ScratchCopy } from './scratch-copy.js';

/** What became of one mutant. */
export type Verdict =
  /** An assertion of a test has failed. */
  | { readonly kind: 'killed'; readonly by: FailedTest }
  /** Every test passed: a test is missing. */
  | { readonly kind: 'survived'; readonly why: string }
  /** The defect is none that anybody could ship: the mutant must be written anew. */
  | { readonly kind: 'not_compiled'; readonly why: string };

export interface Trial {
  readonly mutant: Mutant;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** Puts the defect into the copy, runs the tests that must notice it, and takes it out. */
export async function tryMutant(copy: ScratchCopy, mutant: Mutant): Promise<Trial> {
  const startedAtMs = performance.now();
  const takeOut = copy.plant(mutant);
  try {
    const verdict = await verdictOf(copy.folder, mutant);
    return { mutant, verdict, seconds: (performance.now() - startedAtMs) / 1_000 };
  } finally {
    takeOut();
  }
}

async function verdictOf(folder: string, { killers }: Mutant): Promise<Verdict> {
  const { passed, failed, unloaded } = await runTests(folder, killers);
  const [by] = failed.filter(({ isAssertion }) => isAssertion);
  if (by !== undefined) return { kind: 'killed', by };
  const others = [...failed.map(({ name, message }) => `${name}: ${message}`), ...unloaded];
  const why =
    others.length === 0
      ? `${passed} tests passed`
      : `no assertion failed, but tests broke down: ${others.slice(0, 3).join('; ')}`;
  return { kind: 'survived', why };
}

/** Without any defect all of these tests must pass, or a failure would say nothing. */
export async function soundnessFault(
  copy: ScratchCopy,
  mutants: readonly Mutant[],
): Promise<string | null> {
  const [error] = await compileErrors(copy.folder);
  if (error !== undefined) return error;
  const files = [...new Set(mutants.flatMap(({ killers }) => killers))];
  const { failed, unloaded } = await runTests(copy.folder, files);
  const [first] = [...failed.map(({ name, message }) => `${name}: ${message}`), ...unloaded];
  return first ?? null;
}
