import type { ShutdownReport } from '../../workers/start-options.js';
import type { SessionSummary } from '../../workflows/contract/lifecycle.js';
import { renderPairs } from '../table.js';
import { durationText, moneyOfText } from '../words.js';

/** The day in figures, for people. */
export function summaryLines(summary: SessionSummary): readonly string[] {
  const { orders } = summary;
  const reconciled =
    summary.discrepancies === 0
      ? 'books and broker agree'
      : `${summary.discrepancies} discrepancies; see "npx ordinis status"`;
  return renderPairs([
    ['session', `${summary.marketDate}  ${summary.symbols.join(', ')}`],
    ['orders', `${orders.created} created: ${ends(orders)}`],
    ['fills', String(summary.fills)],
    ['closed trades', String(summary.tradesClosed)],
    ['realised P&L', `${moneyOfText(summary.realizedPnlUsd)} USD`],
    ['unrealised P&L', `${moneyOfText(summary.unrealizedPnlUsd)} USD`],
    ['fees', `${moneyOfText(summary.feesUsd)} USD`],
    ['slippage', `${moneyOfText(summary.slippageUsd)} USD`],
    ['equity', `${moneyOfText(summary.equityUsd)} USD`],
    ['reconciliation', reconciled],
    ['alerts', String(summary.alerts)],
  ]);
}

/** How a run ended, for programs: the last line of standard output with `--json`. */
export interface FinalReport {
  readonly summary: SessionSummary | null;
  readonly shutdown: ShutdownReport;
  /** The system state that the books ended in; null when they could not be read. */
  readonly state: string | null;
  readonly haltMode: string | null;
  readonly account: string;
  readonly wallMs: number;
}

export function finalJson(report: FinalReport) {
  const { summary, shutdown, state } = report;
  return {
    state: state ?? shutdown.outcome,
    account: report.account,
    haltMode: report.haltMode,
    ...summary,
    ordersLeft: shutdown.ordersLeft,
    shutdown: shutdown.outcome,
    wallMs: report.wallMs,
  };
}

export function finalLines({ shutdown, wallMs }: FinalReport): readonly string[] {
  return [
    `${shutdown.outcome.replaceAll('_', ' ')} after ${durationText(wallMs)}: ${shutdown.message}`,
    ...shutdown.ordersLeft.map((id) => `still live at the broker: ${id}`),
  ];
}

function ends(orders: SessionSummary['orders']): string {
  const { created: _created, ...counts } = orders;
  const named = Object.entries(counts).filter(([, count]) => count > 0);
  return named.length === 0 ? 'none' : named.map(([end, count]) => `${count} ${end}`).join(', ');
}
