/**
 * A defect that is put in on purpose, as data: one replacement in one file, and the tests that must
 * notice it.
 */
export interface Mutant {
  /** Names the defect, in kebab case. */
  readonly id: string;
  /** What is wrong with the code that it makes, in one line. */
  readonly defect: string;
  /** The invariants (I…) and fault cases (F…) that no longer hold. */
  readonly breaks: readonly string[];
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The test files one of whose assertions must fail. */
  readonly killers: readonly string[];
}

/** The text of a mutant's file with the defect in it. Throws when its text is not there once. */
export function mutated({ id, file, find, replace }: Mutant, text: string): string {
  const parts = text.split(find);
  if (parts.length !== 2) {
    throw new Error(
      `mutant ${id}: expected its text once in ${file}, found it ${parts.length - 1} times: ` +
        `${JSON.stringify(find)}; write the mutant anew for the code of today`,
    );
  }
  return parts.join(replace);
}

/** Mutants of one file share where they are and who must notice them. */
export function mutantsOf(
  shared: Pick<Mutant, 'file' | 'killers'>,
  mutants: readonly Omit<Mutant, 'file' | 'killers'>[],
): readonly Mutant[] {
  return mutants.map((mutant) => ({ ...shared, ...mutant }));
}
