/** A failed setup: one line that says what was expected, what was found and what to do. */
export class SetupFailure extends Error {
  /** @param {string} step @param {string} message */
  constructor(step, message) {
    super(`${step}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`);
    this.name = 'SetupFailure';
  }
}
