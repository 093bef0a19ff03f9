import { parseArgs } from 'node:util';

/** What the bench is asked for. */
export interface BenchOptions {
  /** Orders of each kind that are measured one at a time. */
  readonly orders: number;
  /** The report as one JSON object instead of a table. */
  readonly isJson: boolean;
  /** Only what is counted, nothing that is timed: quick, and the same on any machine. */
  readonly isCountersOnly: boolean;
}

/** Arguments that make no sense, in one line for the person who typed them. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments';
}

export const USAGE = `npm run bench -- orders [--orders N] [--counters] [--json]

  --orders N   orders of each kind that are measured one at a time (default 200)
  --counters   only the hard counters: events, statements, commits
  --json       one JSON object on standard output
`;

const ORDERS_DEFAULT = 200;
const ORDERS_MAX = 2_000;

/** Reads the arguments of the command line; null: help was asked for. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  const orders = values.orders === undefined ? ORDERS_DEFAULT : Number(values.orders);
  if (!Number.isSafeInteger(orders) || orders < 1 || orders > ORDERS_MAX) {
    throw new BadArguments(
      `expected --orders from 1 to ${ORDERS_MAX}, found ${values.orders}; see --help`,
    );
  }
  return { orders, isJson: values.json, isCountersOnly: values.counters };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        orders: { type: 'string' },
        counters: { type: 'boolean', default: false },
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
