import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CancelStanding, HaltRequest } from '../../domain/safety/halt-request.js';

export const KILL_SWITCH_WORKFLOW = 'killSwitch';

export interface KillSwitchInput {
  readonly account: string;
  /** Halts that an earlier run was told of and had not engaged yet. */
  readonly arrived: readonly HaltRequest[];
}

/**
 * Any payload halts: nothing, broken input and unknown fields too. Several arguments may come; the
 * first counts.
 */
export const halt = defineSignal<[HaltRequest?]>('halt');

/** Ordinis's own: a cause that is engaged elsewhere already, under `metadata.causeId`. */
export const haltEngaged = defineSignal<[HaltRequest]>('haltEngaged');

export interface ReleaseRequest {
  readonly operator: string;
  readonly reason: string;
  /**
   * The halt version that the operator has seen; another one means that something was engaged
   * meanwhile.
   */
  readonly haltVersion: number;
}

export type ReleaseAnswer =
  | { readonly released: true; readonly haltVersion: number; readonly causes: readonly string[] }
  /** Every open condition at once. */
  | { readonly released: false; readonly conditions: readonly string[] };

export const release = defineUpdate<ReleaseAnswer, [ReleaseRequest]>('release');

export interface HaltView {
  readonly mode: 'none' | 'reduce_only' | 'halted';
  readonly haltVersion: number;
  readonly causes: readonly {
    readonly causeId: string;
    readonly reason: string;
    readonly message: string;
    readonly triggeredBy: string;
    readonly cancel: CancelStanding;
  }[];
}

export const haltView = defineQuery<HaltView>('state');
