import { defineQuery, defineSignal } from '@temporalio/workflow';

export const STARTUP_WORKFLOW = 'startup';
export const SHUTDOWN_WORKFLOW = 'shutdown';
export const SESSION_WORKFLOW = 'session';
export const TRADE_UPDATES_WORKFLOW = 'tradeUpdates';
export const RECONCILIATION_WORKFLOW = 'reconciliation';
export const BACKUP_WORKFLOW = 'backup';

export interface LifecycleInput {
  readonly account: string;
  readonly bootEpoch: number;
}

/** One step of startup or shutdown, for the Web UI and the live view. */
export interface LifecycleStep {
  readonly name: string;
  readonly outcome: 'done' | 'unsettled' | 'superseded' | 'failed';
  readonly message: string;
}

export interface StartupResult {
  readonly outcome: 'running' | 'halted' | 'superseded' | 'failed';
  readonly steps: readonly LifecycleStep[];
}

export interface ShutdownInput extends LifecycleInput {
  readonly requestedBy: string;
  /** `keep-protection`, `cancel-all` or `none`: what happens to working orders. */
  readonly cancel: 'keep-protection' | 'cancel-all' | 'none';
  /** Wall time until which orders are waited for; the last word comes after it. */
  readonly deadlineAtMs: number;
}

export interface ShutdownResult {
  /** `unsettled`: no order is left, but something else that the last step names. */
  readonly outcome: 'stopped' | 'superseded' | 'orders_left' | 'unsettled';
  /** Client order ids that are still live at the broker against the policy. */
  readonly ordersLeft: readonly string[];
  readonly steps: readonly LifecycleStep[];
}

export interface SessionInput {
  readonly account: string;
  readonly marketDate: string;
  readonly strategy: string;
  readonly strategyParameters: Readonly<Record<string, unknown>>;
  readonly symbols: readonly string[];
  readonly dataFeed: string;
}

/** The day in figures. Money as decimal strings. */
export interface SessionSummary {
  readonly marketDate: string;
  readonly symbols: readonly string[];
  readonly orders: {
    readonly created: number;
    readonly filled: number;
    readonly canceled: number;
    readonly expired: number;
    readonly refused: number;
    readonly denied: number;
    readonly unknown: number;
  };
  readonly fills: number;
  readonly tradesClosed: number;
  readonly realizedPnlUsd: string;
  readonly unrealizedPnlUsd: string;
  readonly feesUsd: string;
  readonly slippageUsd: string;
  readonly equityUsd: string;
  readonly discrepancies: number;
  readonly alerts: number;
}

export interface SessionResult {
  readonly outcome: 'traded' | 'interrupted';
  readonly summary: SessionSummary | null;
}

/** Ends the session at its next step, in whatever stage it is; orders stay as they are. */
export const stopSession = defineSignal<[string]>('stop');
export const sessionProgress = defineQuery<string>('progress');

export interface TradeUpdatesInput {
  readonly account: string;
}

/** A session that could not back the books up before the open. */
export interface MissingBackup {
  readonly marketDate: string;
  readonly why: string;
}

export interface BackupInput {
  readonly account: string;
}

export interface ReconciliationInput {
  readonly account: string;
  readonly trigger: string;
}

export interface ReconciliationResult {
  readonly runId: string;
  readonly outcome: 'clean' | 'discrepancies' | 'not_calm' | 'failed';
  readonly discrepancies: number;
  readonly message: string;
}
