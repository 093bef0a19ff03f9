import { parseArgs } from 'node:util';
import type { Mutant } from './mutant.js';

export interface MutantOptions {
  readonly mutants: readonly Mutant[];
  readonly isJson: boolean;
  /** Copies in which mutants are tried at the same time. */
  readonly lanes: number;
}

/** Arguments that make no sense, in one line for the person who typed them. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments';
}

export const USAGE = `npm run mutants -- [--only ID[,ID]] [--one-at-a-time] [--json]

Puts each seeded defect into a copy of the repository and runs the tests that must notice it.
Ends with code 1 when a defect survives.

  --only ID        these mutants only
  --one-at-a-time  one mutant at a time instead of two
  --json           one JSON object on standard output
`;

/** Reads the arguments of the command line; null: help was asked for. */
export function readOptions(
  args: readonly string[],
  bank: readonly Mutant[],
): MutantOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  const { only } = values;
  const mutants = only === undefined ? bank : only.split(',').map((id) => named(bank, id));
  return { mutants, isJson: values.json, lanes: values['one-at-a-time'] ? 1 : 2 };
}

function named(bank: readonly Mutant[], id: string): Mutant {
  const mutant = bank.find((one) => one.id === id);
  if (mutant !== undefined) return mutant;
  const known = bank.map((one) => one.id).join(', ');
  throw new BadArguments(`expected --only with one of ${known}; found ${id}`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        'one-at-a-time': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    const isOurs = error instanceof TypeError && 'code' in error;
    if (isOurs) throw new BadArguments(`${error.message.replaceAll('\n', ' ')}; see --help`);
    throw error;
  }
}
