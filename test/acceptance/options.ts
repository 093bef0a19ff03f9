import { parseArgs } from 'node:util';
import type { BrokerName } from './card.js';

export interface AcceptanceOptions {
  readonly broker: BrokerName;
  readonly symbol: string;
  /** Where the Markdown report goes; null: nowhere. */
  readonly report: string | null;
  readonly isJson: boolean;
}

/** Arguments that make no sense, in one line for the person who typed them. */
export class BadArguments extends Error {
  override readonly name = 'BadArguments';
}

export const USAGE = `npm run accept -- --broker exchange|alpaca-paper [--symbol SPY]
                  [--report PATH] [--json]

Walks the numbered acceptance cards with orders of one share at most, and leaves nothing behind.
Ends with code 1 when a card fails, 2 when the broker cannot be used.

  --broker NAME  exchange: our own, started for this; alpaca-paper: with the keys of the environment
  --symbol NAME  what is traded (default SPY)
  --report PATH  a Markdown report of every card
  --json         one JSON object on standard output
`;

const SYMBOL = /^[A-Z]{1,5}$/;

/** Reads the arguments of the command line; null: help was asked for. */
export function readOptions(args: readonly string[]): AcceptanceOptions | null {
  const { values } = parse(args);
  if (values.help) return null;
  const { broker, symbol, report } = values;
  if (broker !== 'exchange' && broker !== 'alpaca-paper') {
    const found = broker ?? 'none';
    throw new BadArguments(`expected --broker exchange or alpaca-paper, found ${found}`);
  }
  if (!SYMBOL.test(symbol)) throw new BadArguments(`expected --symbol like SPY, found ${symbol}`);
  return { broker, symbol, report: report ?? null, isJson: values.json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        broker: { type: 'string' },
        symbol: { type: 'string', default: 'SPY' },
        report: { type: 'string' },
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
