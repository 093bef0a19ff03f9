/**
 * No Temporal server can be used. The message is one line for a person: what was expected, what was
 * found, what to do.
 */
export class TemporalUnavailable extends Error {
  override readonly name = 'TemporalUnavailable';
}
