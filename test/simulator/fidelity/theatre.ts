import type { TestWorld } from '../../support/test-world.js';

export interface Start {
  readonly workflowType: string;
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly input: unknown;
}

/** Where a script is played: on the simulated runtime, or on a real server. */
export interface Theatre {
  readonly test: TestWorld;
  start(what: Start): Promise<void>;
  signal(workflowId: string, name: string, argument: unknown): Promise<void>;
  /** Resolves with the answer; a rejected or failed update answers with its message. */
  update(workflowId: string, name: string, argument: unknown): Promise<unknown>;
  /** Waits until it is so. */
  until(isSo: () => Promise<boolean>): Promise<void>;
  /** What the workflow has decided so far, in order. */
  decisionsOf(workflowId: string): Promise<readonly string[]>;
}
