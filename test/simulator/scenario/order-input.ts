import type { OrderIntent } from '../../../domain/order/index.js';
import type { OrderInput } from '../../../workflows/contract/index.js';
import type { Stage } from './stage.js';

/** What the driver of a wish is started with. */
export function inputOf({ settings }: Pick<Stage, 'settings'>, intent: OrderIntent): OrderInput {
  const { pollIntervalMs } = settings;
  return { intent, correlationId: intent.clientOrderId, isResumed: false, pollIntervalMs };
}
