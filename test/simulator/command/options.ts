import { parseArgs } from 'node:util';
import { FAULT_NAMES, isFaultName } from '../faults/fault-names.js';
import type { FaultWish } from '../faults/fault-plan.js';

/** What `npm run simulate` is asked for. */
export interface SimulateOptions {
  readonly seeds: number;
  readonly first: number;
  readonly faults: FaultWish;
  /** On which store every seed runs; null: in memory, and every fiftieth on the real one. */
  readonly store: 'memory' | 'prisma' | null;
  readonly processes: number;
  readonly isJson: boolean;
  readonly isCoverage: boolean;
}

/** Arguments that make no sense, in one line for the person who typed them. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments';
}

export const USAGE = `npm run simulate -- [--seeds N] [--first S] [--faults all|none|NAME,…]
                    [--store memory|prisma] [--processes N] [--coverage] [--json]

  --seeds N       how many runs (default 1000), one a seed
  --first S       the first seed (default 1); one failing seed again: --first S --seeds 1
  --faults …      all (default), none, or names:
                  ${FAULT_NAMES.join(', ').replace(/(.{1,60}), /g, '$1,\n                  ')}
  --store …       where the books are: in memory, or a database of its own for each seed;
                  unless said, in memory, and every fiftieth seed on a database
  --processes N   how many at a time (default 2)
  --coverage      writes the page of faults and order states, and fails when one that is
                  possible was not met
  --json          one JSON object on standard output
`;

/** Reads the arguments of the command line; null: help was asked for. */
export function readOptions(args: readonly string[]): SimulateOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  const { store } = values;
  if (store !== undefined && store !== 'memory' && store !== 'prisma') {
    throw new BadArguments(`expected --store memory or prisma, found ${store}; see --help`);
  }
  return {
    seeds: wholeNumber('seeds', values.seeds, 1_000),
    first: wholeNumber('first', values.first, 1),
    faults: faultsOf(values.faults),
    store: store ?? null,
    processes: wholeNumber('processes', values.processes, 2),
    isJson: values.json,
    isCoverage: values.coverage,
  };
}

function faultsOf(text: string): FaultWish {
  if (text === 'all' || text === 'none') return text;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !isFaultName(name));
  if (unknown !== undefined) {
    throw new BadArguments(`expected names of faults, found ${unknown}; see --help`);
  }
  return names.filter(isFaultName);
}

function wholeNumber(name: string, text: string | undefined, byDefault: number): number {
  const value = text === undefined ? byDefault : Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new BadArguments(`expected --${name} to be a number from 1, found ${text}; see --help`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        first: { type: 'string' },
        faults: { type: 'string', default: 'all' },
        store: { type: 'string' },
        processes: { type: 'string' },
        coverage: { type: 'boolean', default: false },
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
