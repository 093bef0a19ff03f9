import type { BooksReader } from '../../../adapters/store/port.js';
import { checkFills } from '../../checker/check-fills.js';
import { checkMoney } from '../../checker/check-money.js';
import { checkOrders } from '../../checker/check-orders.js';
import { checkAudit, checkNothingInvented, checkOutbox } from '../../checker/check-records.js';
import { checkWorkflows } from '../../checker/check-workflows.js';
import type { Books } from '../../checker/books.js';
import { sum } from '../../checker/exact.js';
import type { Journal } from '../../checker/journal.js';
import type { ExchangeJournal } from '../exchange/exchange-journal.js';
import { FOREIGN_PREFIX } from '../scenario/mischief.js';
import type { WorkflowRun } from '../temporal/workflow-run.js';
import { booksRowsOf } from './books-rows.js';
import { asToldTo, isUntoldCorrection } from './told-journal.js';

/**
 * What must hold once nothing goes wrong any more and everybody has had time: books and broker
 * agree in everything, nothing is left to tell, each order has the workflow that it should have.
 * Where nothing ever went wrong, nothing was guessed, repaired or set aside either.
 */
export async function checkEnd(
  reader: BooksReader,
  journal: ExchangeJournal,
  run: { readonly workflows: readonly WorkflowRun[]; readonly hadFaults: boolean },
): Promise<readonly string[]> {
  const books = await booksRowsOf(reader);
  const told = asToldTo(books, journal, isUntoldCorrection(books));
  const listed = run.workflows
    .filter(({ status }) => status !== 'terminated' && status !== 'continued_as_new')
    .map(({ workflowId, status }) => ({ workflowId, status: status.toUpperCase() }));
  return [
    ...checkOrders(books, told),
    ...checkFills(books, told),
    ...checkMoney(books, told),
    ...(isCashMissed(told, journal) ? missedCash(books) : []),
    ...checkAudit(books),
    ...checkOutbox(books),
    ...checkWorkflows({ ...books, orders: books.orders.filter(isOurs) }, listed),
    ...run.workflows.flatMap(stuckTask),
    ...(run.hadFaults ? [] : checkNothingInvented(books)),
  ];
}

/** Whether the cash that the books can know is not the broker's: two corrections may even out. */
function isCashMissed(told: Journal, journal: Journal): boolean {
  const cashOf = ({ executions }: Journal): bigint => sum(executions.map((one) => one.cashMicros));
  return cashOf(told) !== cashOf(journal);
}

/** A price that was corrected, and never told, is found by the comparison of the cash. */
function missedCash({ discrepancies }: Books): readonly string[] {
  const isFound = discrepancies.some(({ kind }) => kind === 'cash_mismatch');
  return isFound ? [] : ['I11: a correction that nobody told is not found in the cash'];
}

/** Nobody drives what somebody else has placed. */
function isOurs(order: { readonly client_order_id: string }): boolean {
  return !order.client_order_id.startsWith(FOREIGN_PREFIX);
}

/** I14: no run waits for a task that does not come, or fails it again and again. */
function stuckTask(run: WorkflowRun): readonly string[] {
  if (!run.isRunning || run.pending.length === 0 || run.taskState !== 'none') return [];
  return [`I14: ${run.workflowId} was told something and has no task`];
}
