/**
 * States what must be true of our own arithmetic and our own code. A failure means that we are
 * wrong, never that the world is: in a workflow it stops the task and keeps the state until a fix
 * is deployed.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/**
 * A broken invariant of our own. Never caught to go on, never turned into another kind of failure.
 */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Closes an exhaustive switch: a new member of the union must be decided before it compiles. */
export function assertNever(value: never): never {
  throw new AssertionError(`unexpected member of a closed union: ${JSON.stringify(value)}`);
}
