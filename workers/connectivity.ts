import { engageHalt } from '../activities/safety/engage-halt.js';
import type { World } from '../activities/world.js';
import type { GuardedBroker } from '../adapters/broker/guarded-broker.js';
import { marketPhase } from '../domain/market/index.js';

/** For how long every call of a class may fail in session before trading halts. */
const CONNECTIVITY_MS_MAX = 120_000;

const WORDS = { submit: 'orders', cancel: 'cancels', read: 'reads' } as const;

/**
 * Halts in session when orders, cancels or reads have failed for two minutes, each by what becomes
 * of its own calls: reads that work say nothing about orders. What has failed before a person
 * released such a halt does not count again.
 */
export function watchConnectivity(world: World, broker: GuardedBroker): () => Promise<void> {
  let countedFromMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const lost = longestOutage(broker, countedFromMs);
    if (lost === null || lost.forMs < CONNECTIVITY_MS_MAX || !isInSession(world)) return;
    const open = await world.reader.halts.openCauses();
    if (open.every((cause) => cause.reason !== 'connectivity')) await halt(world, lost);
    countedFromMs = world.wallClock.monotonicMs();
  };
}

interface Lost {
  readonly what: string;
  readonly forMs: number;
  readonly failures: number;
}

function longestOutage(broker: GuardedBroker, countedFromMs: number): Lost | null {
  const breakers = broker.breakers();
  const lost = (['submit', 'cancel', 'read'] as const).flatMap((kind): readonly Lost[] => {
    const { outage, counters } = breakers[kind];
    if (outage === null) return [];
    const forMs = outage.throughMs - Math.max(outage.fromMs, countedFromMs);
    return [{ what: WORDS[kind], forMs, failures: counters.consecutiveFailures }];
  });
  const [longest] = lost.toSorted((left, right) => right.forMs - left.forMs);
  return longest ?? null;
}

/** At night nothing is lost that the morning does not find; a person should not have to look. */
function isInSession({ marketClock }: World): boolean {
  return marketPhase(marketClock.nowMs()) === 'regular';
}

async function halt(world: World, { what, forMs, failures }: Lost): Promise<void> {
  const seconds = Math.round(forMs / 1_000);
  await engageHalt(world, `connectivity-${world.bootEpoch}-${world.wallClock.nowMs()}`, {
    reason: 'connectivity',
    message: `${what} have failed at the broker for ${seconds} s, ${failures} in a row`,
    triggeredBy: 'ordinis',
    metadata: { what, failures },
    cancel: 'keep-protection',
  });
}
