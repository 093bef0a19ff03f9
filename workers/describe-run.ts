import type { World } from '../activities/world.js';
import { formatUsd } from '../domain/values/index.js';
import { NAMESPACE } from '../workflows/contract/index.js';
import type { ExchangeProcess } from './exchange-process.js';
import type { Parts } from './open-parts.js';
import { ownProcess, type RunRecord, writeRunRecord } from './run-record.js';
import type { StartOptions } from './start-options.js';

/** What a person should know of the run before it trades, one line each. */
export function notesOf(world: World, exchange: ExchangeProcess | null): readonly string[] {
  const { orderNotionalMax, positionNotionalMax } = world.settings.limits;
  const limits =
    `limits: one order ${formatUsd(orderNotionalMax)} USD, ` +
    `one position ${formatUsd(positionNotionalMax)} USD, own money only`;
  return [limits, ...(exchange?.addresses.notes ?? [])];
}

/** Writes where this run can be reached, for the command line and for the next start. */
export async function recordRun(
  world: World,
  options: StartOptions,
  { temporal, exchange, simulated }: Parts,
): Promise<RunRecord> {
  const record: RunRecord = {
    ...(await ownProcess()),
    bootEpoch: world.bootEpoch,
    account: world.account,
    mode: world.mode,
    description: `${options.strategy} on ${options.symbols.join(', ')}`,
    temporalAddress: temporal.address,
    namespace: NAMESPACE,
    uiUrl: temporal.uiUrl,
    exchange:
      exchange === null || simulated === null
        ? null
        : {
            pid: exchange.pid,
            tradingUrl: exchange.addresses.tradingUrl,
            streamUrl: exchange.addresses.streamUrl,
            dataUrl: exchange.addresses.dataUrl,
            dataStreamUrl: exchange.addresses.dataStreamUrl,
            keyId: simulated.keyId,
            secret: simulated.secret,
          },
    startedAtWallMs: world.startedAtWallMs,
  };
  writeRunRecord(options.dataDirectory, record);
  return record;
}
