import { findTemporal } from '../../tools/setup/find-temporal.mjs';

/** The Temporal CLI that setup found or made. Its absence is a failed setup, not a skipped test. */
export async function temporalBinary(): Promise<string> {
  const found = await findTemporal();
  if (found === undefined || !('binary' in found)) {
    throw new Error(
      'expected a Temporal CLI for the tests, found none; run "npm run setup" (and unset ' +
        'ORDINIS_TEMPORAL_ADDRESS, because these tests start servers of their own)',
    );
  }
  return found.binary;
}
