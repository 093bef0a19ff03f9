import { MUTANT_BANK } from './bank/index.js';
import { compileFaults } from './compile.js';
import type { Mutant } from './mutant.js';
import { BadArguments, type MutantOptions, readOptions, USAGE } from './options.js';
import { jsonReport, lineOf, printedReport, survivorsOf } from './report.js';
import { openScratchCopy, type ScratchCopy } from './scratch-copy.js';
import { soundnessFault, type Trial, tryMutant } from './trial.js';

const INTERRUPTED = 130;

/**
 * `npm run mutants`: puts every seeded defect into a copy of the repository, one at a time in each
 * copy, and says which test has noticed it. Exit code 1: one was noticed by none; 2: wrong use.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args, MUTANT_BANK);
    if (options === null) process.stdout.write(USAGE);
    return options === null ? 0 : await tryAll(options);
  } catch (error) {
    if (!(error instanceof BadArguments)) throw error;
    process.stderr.write(`mutants: ${error.message}\n`);
    return 2;
  }
}

async function tryAll({ mutants, isJson, lanes }: MutantOptions): Promise<number> {
  const startedAtMs = performance.now();
  const copies = Array.from({ length: Math.min(lanes, mutants.length) }, openScratchCopy);
  const removeCopies = (): void => copies.forEach((copy) => copy.remove());
  const undo = onSignals(removeCopies);
  try {
    const [first] = copies;
    const fault = first === undefined ? null : await soundnessFault(first, mutants);
    if (fault !== null) {
      process.stderr.write(`mutants: expected sound tests without a defect, found ${fault}\n`);
      return 1;
    }
    const faults = first === undefined ? new Map() : await compileFaults(first, mutants);
    const sound = mutants.filter(({ id }) => !faults.has(id));
    const tried = await tryInLanes(copies, sound);
    const trials = mutants.flatMap((mutant) => tried.get(mutant.id) ?? uncompiled(mutant, faults));
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const report = isJson ? jsonReport(trials, seconds) : printedReport(trials, seconds);
    process.stdout.write(`${report}\n`);
    return survivorsOf(trials).length === 0 ? 0 : 1;
  } finally {
    undo();
    removeCopies();
  }
}

/** Each copy takes the next mutant as soon as it is free. */
async function tryInLanes(
  copies: readonly ScratchCopy[],
  mutants: readonly Mutant[],
): Promise<ReadonlyMap<string, Trial>> {
  const waiting = [...mutants];
  const trials = new Map<string, Trial>();
  await Promise.all(
    copies.map(async (copy) => {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const trial = await tryMutant(copy, mutant);
        trials.set(mutant.id, trial);
        process.stderr.write(`mutants: ${trials.size}/${mutants.length} ${lineOf(trial)}\n`);
      }
    }),
  );
  return trials;
}

function uncompiled(mutant: Mutant, faults: ReadonlyMap<string, string>): Trial {
  const why = faults.get(mutant.id) ?? 'not tried';
  return { mutant, verdict: { kind: 'not_compiled', why }, seconds: 0 };
}

function onSignals(clean: () => void): () => void {
  const stop = (): never => {
    clean();
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}
