import { parseArgs } from 'node:util';

export interface ChaosArguments {
  readonly minutes: number;
  readonly seed: number;
  readonly isJson: boolean;
}

/** Arguments that make no sense, in one line for the person who typed them. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments';
}

export const USAGE = `npm run chaos -- [--minutes N] [--seed S] [--json]

Trades a fast synthetic market while worker, Temporal server and exchange are killed at random and
the exchange loses answers and frames; after each phase the books are compared with the journal.
Ends with code 1 when anything is violated.

  --minutes N  how long it is tried (default 5)
  --seed S     which deeds, in which order (default: drawn, and printed)
  --json       one JSON object on standard output
`;

const MINUTES_MAX = 24 * 60;
const SEED_MAX = 4_294_967_295;

/** Reads the arguments of the command line; null: help was asked for. */
export function readOptions(args: readonly string[], drawnSeed: number): ChaosArguments | null {
  const { values } = parse(args);
  if (values.help) return null;
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
    throw new BadArguments(`expected --minutes up to ${MINUTES_MAX}, found ${values.minutes}`);
  }
  const seed = values.seed === undefined ? drawnSeed : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0 || seed > SEED_MAX) {
    throw new BadArguments(`expected --seed from 0 to ${SEED_MAX}, found ${values.seed}`);
  }
  return { minutes, seed, isJson: values.json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '5' },
        seed: { type: 'string' },
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
