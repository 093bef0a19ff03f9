import { printAnswer } from './answer.js';
import { existingDataDirectory, withBooks } from './data-folder.js';
import { CommandFailure, EXIT, UsageFault } from './failure.js';
import { Faults } from './flag-values.js';
import type { UnparkAnswer, UnparkRequest } from './ports.js';
import type { CommonFlags, Shell } from './shell.js';
import { counted } from './words.js';

export interface UnparkFlags extends CommonFlags {
  readonly by?: string;
  readonly reason?: string;
  readonly account?: string;
}

/** `ordinis unpark`: a person lifts the park of a symbol, with a name and a reason on record. */
export async function unparkCommand(
  shell: Shell,
  flags: UnparkFlags,
  symbol: string,
): Promise<number> {
  const request = readRequest(flags, symbol);
  const dataDirectory = existingDataDirectory(shell, flags);
  const account = await withBooks(shell, flags, async (books) => books.account.account);
  const { unparkDirectly } = await shell.booksAlone();
  const answer = await unparkDirectly({ dataDirectory, account, request });
  printAnswer(shell, flags, { lines: [lineOf(answer, request)], json: { symbol, ...answer } });
  return EXIT.fine;
}

function readRequest(flags: UnparkFlags, symbol: string): UnparkRequest {
  const faults = new Faults();
  const operator = flags.by?.trim() ?? '';
  const reason = flags.reason?.trim() ?? '';
  if (operator === '') faults.add('expected --by NAME, found none; say who lifts the park');
  if (reason === '') faults.add('expected --reason TEXT, found none; say why it is safe again');
  if (faults.lines.length > 0) throw new UsageFault(faults.lines);
  return { symbol: symbol.toUpperCase(), operator, reason };
}

function lineOf(answer: UnparkAnswer, { symbol, operator }: UnparkRequest): string {
  switch (answer.outcome) {
    case 'unparked': {
      const orders = counted(answer.orders.length, 'parked order');
      return `${symbol}: unparked by ${operator}, with ${orders}; it takes new entries again`;
    }
    case 'not_parked':
      return `${symbol} is not parked`;
    case 'unknown_symbol':
      throw new CommandFailure([
        `expected a symbol of this account, found ${symbol}; see "npx ordinis alerts"`,
      ]);
  }
}
