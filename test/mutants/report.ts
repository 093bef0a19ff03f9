import type { Trial } from './trial.js';

/** One line about one trial. */
export function lineOf({ mutant, verdict, seconds }: Trial): string {
  const begin = `${mutant.id} (${mutant.breaks.join(' ')})`;
  const time = `${seconds.toFixed(1)} s`;
  switch (verdict.kind) {
    case 'killed':
      return `${begin}: killed by ${verdict.by.file}: ${verdict.by.name} [${time}]`;
    case 'survived':
      return `${begin}: SURVIVED: ${mutant.defect}: ${verdict.why} [${time}]`;
    case 'not_compiled':
      return `${begin}: NOT COMPILED: ${verdict.why} [${time}]`;
  }
}

/** Mutants that no assertion killed. */
export function survivorsOf(trials: readonly Trial[]): readonly Trial[] {
  return trials.filter(({ verdict }) => verdict.kind !== 'killed');
}

/** The table for people: one row a mutant, then the sum. */
export function printedReport(trials: readonly Trial[], seconds: number): string {
  const width = Math.max(...trials.map(({ mutant }) => mutant.id.length));
  const rows = trials.map(({ mutant, verdict }) => {
    const end = verdict.kind === 'killed' ? `killed by ${verdict.by.file}` : verdict.kind;
    return `${mutant.id.padEnd(width)}  ${mutant.breaks.join(' ').padEnd(16)}  ${end}`;
  });
  const survivors = survivorsOf(trials);
  const killed = trials.length - survivors.length;
  const sum = `mutants: ${killed} of ${trials.length} killed in ${Math.round(seconds)} s`;
  return [...rows, '', ...survivors.map(lineOf), sum].join('\n');
}

/** The same as one object for machines. */
export function jsonReport(trials: readonly Trial[], seconds: number): string {
  return JSON.stringify({
    mutants: trials.map(({ mutant, verdict, seconds: took }) => ({
      id: mutant.id,
      defect: mutant.defect,
      breaks: mutant.breaks,
      file: mutant.file,
      seconds: Number(took.toFixed(1)),
      ...verdict,
    })),
    killed: trials.length - survivorsOf(trials).length,
    survived: survivorsOf(trials).map(({ mutant }) => mutant.id),
    seconds: Math.round(seconds),
  });
}
