/**
 * Names and ids that processes, workflows and people share. Changing one orphans what runs under
 * it.
 */
export const NAMESPACE = 'ordinis';

/**
 * Workflows, and the activities on the order path: on the workflow's own queue they are dispatched
 * eagerly. Of one account, like every queue: an order that a killed run left behind must never be
 * driven by the Worker of another account.
 */
export function orderQueue(account: string): string {
  return `orders-${account}`;
}

/** Broker reads, reconciliation, session and lifecycle steps. */
export function brokerQueue(account: string): string {
  return `broker-${account}`;
}

/** The kill switch and cancels: a Worker of its own, never behind a backlog. */
export function safetyQueue(account: string): string {
  return `safety-${account}`;
}

/** The stream's one long activity. */
export function streamQueue(account: string): string {
  return `stream-${account}`;
}

export function orderWorkflowId(account: string, clientOrderId: string): string {
  return `order/${account}/${clientOrderId}`;
}

export function turnWorkflowId(account: string, turnId: string): string {
  return `turn/${account}/${turnId}`;
}

export function killSwitchWorkflowId(account: string): string {
  return `kill-switch/${account}`;
}

export function tradeUpdatesWorkflowId(account: string): string {
  return `trade-updates/${account}`;
}

export function sessionWorkflowId(account: string, marketDate: string): string {
  return `session/${account}/${marketDate}`;
}

/** Boot epochs are counted by folder: accounts of two folders may share a Temporal server. */
export function startupWorkflowId(account: string, bootEpoch: number): string {
  return `startup/${account}/${bootEpoch}`;
}

export function shutdownWorkflowId(account: string, bootEpoch: number): string {
  return `shutdown/${account}/${bootEpoch}`;
}

export function reconciliationScheduleId(account: string): string {
  return `reconciliation/${account}`;
}

/** A reconciliation that somebody asked for; asked again while it runs, it is the same one. */
export function reconciliationOnDemandId(account: string): string {
  return `reconciliation/${account}/on-demand`;
}

export function backupScheduleId(account: string): string {
  return `backup/${account}`;
}
