/** Thrown where a process ends in the middle of its own code: nothing after it happens. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}
