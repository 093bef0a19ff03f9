import { Connection } from '@temporalio/client';
import { TemporalUnavailable } from './unavailable.js';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A connection to the server at `address` ("host:port"). When it does not answer within about five
 * seconds, throws `TemporalUnavailable` with one line that says so.
 */
export async function connectToTemporal(address: string): Promise<Connection> {
  const port = Number(/^[^\s:]+:(\d{1,5})$/.exec(address)?.[1]);
  if (!(port > 0 && port < 65_536)) {
    throw new TemporalUnavailable(
      `Temporal: expected an address such as 127.0.0.1:7233, found "${address}"; ` +
        'correct ORDINIS_TEMPORAL_ADDRESS',
    );
  }
  try {
    return await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof Error)) {
      throw error;
    }
    throw new TemporalUnavailable(
      `Temporal: expected a server at ${address}, found ${firstLine(error.message)}; ` +
        'start it, correct ORDINIS_TEMPORAL_ADDRESS, or unset it to use the embedded server',
      { cause: error },
    );
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
