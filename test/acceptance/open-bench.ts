import { openStackFolder } from '../support/stack-folder.js';
import { Bench } from './bench.js';
import type { BrokerName } from './card.js';
import { System } from '../support/system.js';

export interface OpenedBench {
  readonly bench: Bench;
  /** Ends whatever still runs of it and removes its folder. */
  close(): Promise<void>;
}

/** The only strategy that wishes nothing: a dollar buys no whole unit of anything. */
const IDLE = ['--strategy', 'moving-average-cross', '--strategy-parameters'];
const NOTHING = JSON.stringify({ positionUsd: 1, fastBars: 1, slowBars: 500 });
/** A market minute a second: a day lasts longer than the cards. */
const EXCHANGE = ['--market', 'synthetic', '--speed', '60'];

/** A data folder of its own and the system on it, not yet started. */
export async function openBench(options: {
  readonly broker: BrokerName;
  readonly symbol: string;
  /** Keys, where the broker needs some. */
  readonly environment: Readonly<Record<string, string>>;
}): Promise<OpenedBench> {
  const { broker, symbol, environment } = options;
  const folder = await openStackFolder('accept');
  const place = broker === 'exchange' ? EXCHANGE : ['--broker', 'alpaca-paper'];
  const startFlags = [...place, '--symbols', symbol, ...IDLE, NOTHING];
  const system = new System({ folder, startFlags, environment });
  const prefix = `accept-${Date.now().toString(36)}`;
  const bench = new Bench({ broker, symbol, system, prefix });
  return {
    bench,
    close: async () => {
      await system.close();
      await folder.remove();
    },
  };
}
