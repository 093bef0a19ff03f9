import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { CANCEL_POLICIES, strategyNames } from '../workers/reference.js';
import { alertsCommand } from './alerts-command.js';
import { backupCommand, restoreCommand } from './backup-commands.js';
import { type ExchangeFlags, exchangeCommand, WASH_TRADE_GUARDS } from './exchange-command.js';
import { EXIT } from './failure.js';
import { type HaltFlags, haltCommand } from './halt-command.js';
import {
  DEFAULT_MARKET,
  DEFAULT_SYMBOLS,
  DEFAULT_SYNTHETIC_DATE,
  MARKETS,
} from './market-flags.js';
import { ORDER_CLASSES } from './orders/exit-flags.js';
import { ORDER_TYPES, SIDES, TIMES_IN_FORCE } from './orders/manual-order.js';
import { type OrderCancelFlags, orderCancelCommand } from './orders/order-cancel-command.js';
import { type OrderReplaceFlags, orderReplaceCommand } from './orders/order-replace-command.js';
import { orderShowCommand } from './orders/order-show-command.js';
import { type OrderSubmitFlags, orderSubmitCommand } from './orders/order-submit-command.js';
import { type OrdersFlags, ordersCommand } from './orders/orders-command.js';
import { positionsCommand } from './positions-command.js';
import { reconcileCommand } from './reconcile-command.js';
import { type ResumeFlags, resumeCommand } from './resume-command.js';
import type { CommonFlags, Shell } from './shell.js';
import type { Canvas } from './start/display.js';
import { startCommand } from './start/start-command.js';
import {
  BROKERS,
  DATA_FEEDS,
  DEFAULT_SEED,
  DEFAULT_SPEED,
  DEFAULT_STRATEGIES,
  FULL_SPEED,
  type StartFlags,
} from './start/start-request.js';
import { statusCommand } from './status-command.js';
import { stopCommand } from './stop-command.js';
import { tradesCommand } from './trades-command.js';
import { type UnparkFlags, unparkCommand } from './unpark-command.js';
import { turnsCommand } from './turns-command.js';

/** What the commands are called with, and where their exit code goes. */
export interface ProgramParts {
  readonly shell: Shell;
  readonly openCanvas: () => Promise<Canvas>;
  /** The name of the person at the keyboard, for audit records. */
  readonly operator: string;
  readonly exit: (code: number) => void;
}

type AccountFlags = CommonFlags & { readonly account?: string };

const KEYS_FILE_AS_FOR_START = 'of alpaca-paper, as for start (default: the environment)';
const CANCELED = 'canceled by hand';
const REPLACED = 'replaced by hand';
const ROWS_SHOWN = 20;
const ROWS_MAX = 10_000;

/** The `ordinis` command with all of its subcommands. */
export function buildProgram(parts: ProgramParts): Command {
  const program = new Command('ordinis')
    .description('Trades US equities and does not lose an order, a fill or a halt.')
    .usage('<command> [options]')
    .helpCommand(false)
    .configureHelp({ sortSubcommands: false })
    .exitOverride();
  addRunCommands(program, parts);
  addSafetyCommands(program, parts);
  addOrderCommands(program, parts);
  addReadCommands(program, parts);
  addUpkeepCommands(program, parts);
  return program;
}

/** Whether a commander error is no error: help was asked for and given. */
export function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === EXIT.fine;
}

function addRunCommands(program: Command, { shell, openCanvas, exit }: ProgramParts): void {
  const run = common(program, 'start', 'start, and trade a session (npm start does the same)');
  marketOptions(run)
    .option('--speed <n>', `market seconds a second, or ${FULL_SPEED} (default: ${DEFAULT_SPEED})`)
    .option('--seed <n>', `of the synthetic market (default: ${DEFAULT_SEED})`)
    .option('--strategy <name>', `${strategyNames().join(' | ')} (default: ${usualStrategies()})`)
    .option('--strategy-parameters <json>', 'a JSON object; what is left out takes its default')
    .option('--broker <name>', `${BROKERS.join(' | ')} (default: exchange)`)
    .option('--data-feed <feed>', `${DATA_FEEDS.join(' | ')}, of alpaca-paper (default: iex)`)
    .option('--keys-file <file>', 'APCA_API_KEY_ID=… and APCA_API_SECRET_KEY=…, mode 600')
    .option(
      '--cancel-at-shutdown <policy>',
      `${CANCEL_POLICIES.join(' | ')} (default: keep-protection)`,
    )
    .option('--once', 'trade one session, shut down and exit')
    .action(async (flags: StartFlags) => exit(await startCommand(shell, flags, openCanvas)));
  common(program, 'stop', 'shut down the running Ordinis, and wait until it is gone').action(
    async (flags: CommonFlags) => exit(await stopCommand(shell, flags)),
  );
  account(
    common(program, 'status', 'whether it runs, whether it is halted, and what is open'),
  ).action(async (flags: AccountFlags) => exit(await statusCommand(shell, flags)));
}

function addSafetyCommands(program: Command, { shell, operator, exit }: ProgramParts): void {
  common(program, 'halt', 'stop new orders at once; works with everything else down')
    .option('--reason-text <text>', 'why, for the record', orElse('halted by hand'))
    .option('--cancel <policy>', CANCEL_POLICIES.join(' | '), 'keep-protection')
    .option('--by <name>', 'who halts', orElse(operator), operator)
    .option('--keys-file <file>', KEYS_FILE_AS_FOR_START)
    .action(async (flags: HaltFlags) => exit(await haltCommand(shell, flags)));
  common(program, 'resume', 'release the halt, after a clean reconciliation')
    .option('--by <name>', 'who releases (needed)')
    .option('--reason <text>', 'why it is safe again (needed)')
    .option('--halt-version <n>', 'the version that was seen (default: the one that is shown)')
    .action(async (flags: ResumeFlags) => exit(await resumeCommand(shell, flags)));
  account(common(program, 'unpark <symbol>', 'let a parked symbol take new entries again'))
    .option('--by <name>', 'who lifts the park (needed)')
    .option('--reason <text>', 'why it is safe again (needed)')
    .action(async (symbol: string, flags: UnparkFlags) =>
      exit(await unparkCommand(shell, flags, symbol)),
    );
}

function addOrderCommands(program: Command, { shell, operator, exit }: ProgramParts): void {
  account(common(program, 'orders', 'the newest orders'))
    .option('--open', 'all orders that may still cost money')
    .option('--limit <n>', 'how many', rows, ROWS_SHOWN)
    .action(async (flags: OrdersFlags) => exit(await ordersCommand(shell, flags)));
  const order = program.command('order').description('one order: show, submit, cancel, replace');
  order.helpCommand(false).exitOverride();
  account(common(order, 'show <id>', 'the whole story of an order')).action(
    async (id: string, flags: AccountFlags) => exit(await orderShowCommand(shell, flags, id)),
  );
  common(order, 'submit', 'send an order by hand, through risk like any other')
    .option('--symbol <symbol>', 'such as SPY (needed)')
    .option('--side <side>', `${SIDES.join(' | ')} (needed)`)
    .option('--qty <units>', 'shares, at most nine decimals (needed, or --notional)')
    .option('--notional <usd>', 'an amount instead: a market order for the day, from 1 USD')
    .option('--type <type>', `${ORDER_TYPES.join(' | ')} (default: market)`)
    .option('--limit <price>', 'for limit and stop_limit')
    .option('--stop <price>', 'for stop and stop_limit')
    .option('--tif <time>', `${TIMES_IN_FORCE.join(' | ')} (default: day)`)
    .option('--class <class>', `${ORDER_CLASSES.join(' | ')} (default: simple)`)
    .option('--take-profit <price>', 'the exit with a profit, of a bracket, oco or oto')
    .option('--stop-loss <price>', 'the exit that ends a loss, of a bracket, oco or oto')
    .option('--stop-limit <price>', 'the limit of that exit (default: at the market)')
    .option('--id <id>', 'the client order id (default: a new one, printed before sending)')
    .option('--extended-hours', 'may also fill outside regular hours')
    .option('--by <name>', 'who wishes, for the record of a denial', orElse(operator), operator)
    .action(async (flags: OrderSubmitFlags) => exit(await orderSubmitCommand(shell, flags)));
  common(order, 'cancel <id>', 'ask the broker to cancel an order')
    .option('--by <name>', 'who cancels', orElse(operator), operator)
    .option('--reason <text>', 'why, for the record', orElse(CANCELED), CANCELED)
    .option('--keys-file <file>', KEYS_FILE_AS_FOR_START)
    .action(async (id: string, flags: OrderCancelFlags) =>
      exit(await orderCancelCommand(shell, flags, id)),
    );
  common(order, 'replace <id>', 'put another order in the place of one that works')
    .option('--qty <units>', 'of the whole wish, with what has filled (default: as it is)')
    .option('--limit <price>', 'the new limit (default: as it is)')
    .option('--stop <price>', 'the new stop (default: as it is)')
    .option('--tif <time>', `${TIMES_IN_FORCE.join(' | ')} (default: as it is)`)
    .option('--by <name>', 'who replaces', orElse(operator), operator)
    .option('--reason <text>', 'why, for the record', orElse(REPLACED), REPLACED)
    .action(async (id: string, flags: OrderReplaceFlags) =>
      exit(await orderReplaceCommand(shell, flags, id)),
    );
}

function addReadCommands(program: Command, { shell, exit }: ProgramParts): void {
  account(common(program, 'positions', 'what the account holds'))
    .option('--all', 'flat ones too')
    .action(async (flags: AccountFlags & { readonly all?: boolean }) =>
      exit(await positionsCommand(shell, flags)),
    );
  account(common(program, 'trades', 'the newest round trips'))
    .option('--limit <n>', 'how many', rows, ROWS_SHOWN)
    .action(async (flags: AccountFlags & { readonly limit: number }) =>
      exit(await tradesCommand(shell, flags)),
    );
  account(common(program, 'turns', 'the newest plans that take a position through zero'))
    .option('--limit <n>', 'how many', rows, ROWS_SHOWN)
    .action(async (flags: AccountFlags & { readonly limit: number }) =>
      exit(await turnsCommand(shell, flags)),
    );
  account(common(program, 'alerts', 'the newest messages to people'))
    .option('--limit <n>', 'how many', rows, ROWS_SHOWN)
    .action(async (flags: AccountFlags & { readonly limit: number }) =>
      exit(await alertsCommand(shell, flags)),
    );
}

function addUpkeepCommands(program: Command, { shell, exit }: ProgramParts): void {
  common(program, 'reconcile', 'compare the books with the broker now').action(
    async (flags: CommonFlags) => exit(await reconcileCommand(shell, flags)),
  );
  common(program, 'backup', 'make a verified copy of the books').action(
    async (flags: CommonFlags) => exit(await backupCommand(shell, flags)),
  );
  common(program, 'restore <file>', 'put a backup in the place of the books').action(
    async (file: string, flags: CommonFlags) => exit(await restoreCommand(shell, flags, file)),
  );
  marketOptions(common(program, 'exchange', 'run the paper exchange alone'))
    .option('--port <n>', 'where to listen on this machine (default: any free one)')
    .option('--speed <n>', 'market seconds a second, or lockstep (default for recorded)')
    .option('--seed <text>', 'same seed and requests, same journal (default: 1)')
    .option('--state <file>', 'remembers the account over restarts (default: memory only)')
    .option('--key <id>', 'the key that clients must show (default: APCA_API_KEY_ID)')
    .option('--secret <secret>', 'its secret, made up: other processes can read it here')
    .option('--secret-file <file>', 'its secret, mode 600 (default: APCA_API_SECRET_KEY)')
    .option('--cash <usd>', 'what the account begins with (default: 100000)')
    .option('--partial-fills <percent>', 'how many fills are partial (default: 10)')
    .option('--rate-limit <n>', 'requests a minute, or none (default: 200)')
    .option('--roll', 'go on to the next trading day after each close (synthetic)')
    .option('--turbulent', 'days with gaps, halts and wide spreads (synthetic)')
    .option('--extended-hours', 'trade from 04:00 to 20:00 New York, not only to the close')
    .option('--hard-to-borrow <list>', 'symbols that cannot be sold short (default: none)')
    .option('--wash-trade-guard <rule>', `${WASH_TRADE_GUARDS.join(' | ')} (default: strict)`)
    .action(async (flags: ExchangeFlags) => exit(await exchangeCommand(shell, flags)));
}

/** A subcommand with the options that all have. */
function common(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .exitOverride()
    .allowExcessArguments(false)
    .option('--json', 'the last line of standard output is one JSON value')
    .option('--data-dir <dir>', 'the folder of the books (default: data)')
    .option('--debug', 'stack traces');
}

function account(command: Command): Command {
  return command.option('--account <name>', 'another account of these books than the last one');
}

function marketOptions(command: Command): Command {
  return command
    .option('--market <kind>', `${MARKETS.join(' | ')} (default: ${DEFAULT_MARKET})`)
    .option('--market-data <dir>', 'a folder of minute files, for recorded')
    .option('--date <day>', `YYYY-MM-DD (default: ${DEFAULT_SYNTHETIC_DATE}, synthetic only)`)
    .option(
      '--symbols <list>',
      `such as SPY,IBM (default: ${DEFAULT_SYMBOLS}, or all recorded of the day)`,
    );
}

function usualStrategies(): string {
  const { synthetic, recorded } = DEFAULT_STRATEGIES;
  return `${synthetic}; recorded and alpaca-paper ${recorded}`;
}

/** An empty word, as of a variable that is not set, says nothing: the usual one stands for it. */
function orElse(usual: string): (text: string) => string {
  return (text) => (text.trim() === '' ? usual : text);
}

function rows(text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= ROWS_MAX) return count;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${ROWS_MAX}`);
}
