import { readFileSync } from 'node:fs';
import { loadEnvironment } from '../config/index.js';
import { MarketFault, startExchange, StateFileFault } from '../exchange/index.js';
import { wholeUsd } from '../domain/values/index.js';
import type { ExchangeProcessOptions } from './exchange-process.js';

/**
 * The paper exchange's own process: options from a file, one line when it is ready, until it is
 * told to end.
 */
const STARTING_CASH = wholeUsd(100_000);
const OPEN_LEAD_MINUTES = 2;
/** Alpaca's paper accounts fill this share of orders in part. */
const PARTIAL_FILL_SHARE = 0.1;

async function main(optionsFile: string): Promise<void> {
  const options = JSON.parse(readFileSync(optionsFile, 'utf8')) as ExchangeProcessOptions;
  const { run, choice } = options;
  const market =
    choice.market.kind === 'recorded'
      ? { ...choice.market, symbols: run.symbols }
      : { ...choice.market, symbols: run.symbols, rolling: options.isRolling };
  const exchange = await startExchange({
    host: '127.0.0.1',
    port: options.port,
    market,
    seed: run.seed,
    mode: 'lockstep',
    speed: choice.speed,
    stateFile: options.stateFile,
    credentials: { keyId: run.keyId, secret: run.secret },
    startingCash: STARTING_CASH,
    partialFillShare: PARTIAL_FILL_SHARE,
    // Market time is compressed: a limit by the wall clock would decide by the machine's speed.
    rateLimitPerMinute: null,
    openLeadMinutes: OPEN_LEAD_MINUTES,
    // Strategies may leave a limit order resting and exit by a market order; Alpaca refuses that.
    washTradeGuard: 'crossing',
    samplesFolder: loadEnvironment().variables.ORDINIS_EXCHANGE_SAMPLES,
  });
  const { close, ...addresses } = exchange;
  process.stdout.write(`${JSON.stringify(addresses)}\n`);
  const end = (): void => {
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  // Whoever read our output may be killed; a warning to nobody must not end the exchange.
  process.stderr.on('error', () => undefined);
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

process.umask(0o077);
main(process.argv[2] ?? '').catch((error: unknown) => {
  const isForAPerson = error instanceof MarketFault || error instanceof StateFileFault;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(isForAPerson ? 2 : 1);
});
