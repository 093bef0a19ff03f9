/** The broker could not be reached or did not answer readably. Says nothing about any order. */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
}

/** The broker asks to wait; the request was not processed. */
export class BrokerRateLimited extends Error {
  override readonly name = 'BrokerRateLimited';
  constructor(
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

/** The keys are wrong or lack a permission: waiting will not mend it. */
export class BrokerAuthRefused extends Error {
  override readonly name = 'BrokerAuthRefused';
}

/** We hold the call back ourselves: calls of its class have failed too often. Nothing was sent. */
export class BrokerCircuitOpen extends Error {
  override readonly name = 'BrokerCircuitOpen';
  constructor(
    message: string,
    readonly retryAfterMs: number,
  ) {
    super(message);
  }
}

/** Every way in which the broker, or our guard in front of it, says that it cannot be asked. */
export function isBrokerFailure(error: unknown): error is Error {
  return [BrokerUnavailable, BrokerAuthRefused, BrokerCircuitOpen, BrokerRateLimited].some(
    (kind) => error instanceof kind,
  );
}
