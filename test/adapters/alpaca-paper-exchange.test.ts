import { guardBroker } from '../../adapters/broker/guarded-broker.js';
import { createTokenBucket } from '../../adapters/broker/rate-limit.js';
import { describeBrokerContract } from './broker.contract.js';
import { openSubject } from './paper-exchange.js';

describeBrokerContract('the Alpaca adapter against the paper exchange', openSubject);

describeBrokerContract('the same behind its guard', async () => {
  const subject = await openSubject();
  const nowMs = () => performance.now();
  const broker = guardBroker(subject.broker, {
    bucket: createTokenBucket({ requestsPerMinute: 10_000, reservedForCancels: 10, nowMs }),
    monotonicNowMs: nowMs,
    onBreakerChange: ({ kind, to }) => {
      throw new Error(`expected no change of a circuit, found ${kind} ${to}`);
    },
  });
  return { ...subject, broker };
});
