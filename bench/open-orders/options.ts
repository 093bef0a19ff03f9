import { parseArgs } from 'node:util';
import { BadArguments } from '../orders/options.js';

/** What the bench of many open orders is asked for. */
export interface OpenOrdersOptions {
  readonly orders: number;
  /** The report as one JSON object instead of a table. */
  readonly isJson: boolean;
  /** Of a process that the bench itself starts: its wish, as JSON. */
  readonly child: string | null;
}

export const USAGE = `npm run bench -- open-orders [--orders N] [--json]

  --orders N   how many orders are open (default 1000)
  --json       one JSON object on standard output
`;

const ORDERS_MAX = 10_000;

/** Reads the arguments of the command line; null: help was asked for. */
export function readOptions(args: readonly string[]): OpenOrdersOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  const orders = Number(values.orders);
  if (!Number.isSafeInteger(orders) || orders < 1 || orders > ORDERS_MAX) {
    throw new BadArguments(
      `expected --orders from 1 to ${ORDERS_MAX}, found ${values.orders}; see --help`,
    );
  }
  return { orders, isJson: values.json, child: values.child ?? null };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        orders: { type: 'string', default: '1000' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        child: { type: 'string' },
      },
    });
  } catch (error) {
    const isOurs = error instanceof TypeError && 'code' in error;
    if (isOurs) throw new BadArguments(`${error.message.replaceAll('\n', ' ')}; see --help`);
    throw error;
  }
}
