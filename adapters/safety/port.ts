/** The halt that needs nothing: a file that stops every send while it is there. */
export interface KillFile {
  /**
   * Whether sends must stop: the file is there, or nobody can tell. Synchronous, since it is asked
   * in the last instant before the wire.
   */
  isEngaged(): boolean;
  /** The ids of the causes that wrote it; empty for a file made by hand. Null: there is no file. */
  causeIds(): readonly string[] | null;
  /** What was written with a cause: who halted and why, so that it is not lost with the books. */
  messageOf(causeId: string): string | null;
  /** Adds a cause and forces it to the disk. */
  engage(cause: { readonly causeId: string; readonly message: string }): void;
  /**
   * Removes the file if only released causes wrote it. False: made by hand, or another cause is in
   * it.
   */
  release(releasedCauseIds: readonly string[]): boolean;
  readonly path: string;
}

/**
 * The halt inside this process: set before anything is awaited, gone with the process. Each cause
 * holds it until that cause is released.
 */
export interface HaltLatch {
  isEngaged(): boolean;
  causeIds(): readonly string[];
  engage(causeId: string): void;
  release(causeIds: readonly string[]): void;
}
