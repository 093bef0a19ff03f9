import { DENY_REASONS, OTHER_DENY_REASONS } from '../../domain/risk/index.js';
import { code, page, table } from './markdown.js';

/** The page about denials: how an order is judged, and every code. */
export function riskPage(): string {
  const rows = Object.entries(DENY_REASONS).map(([reason, means]) => [code(reason), means]);
  const others = Object.entries(OTHER_DENY_REASONS).map(([name, means]) => [code(name), means]);
  return page('`domain/risk`', [
    '# Risk: when Ordinis says no',
    ...INTRODUCTION,
    '',
    '## Denial codes',
    '',
    'In order of precedence: when several rules say no, the first one is the answer.',
    '',
    ...table(['code', 'means'], rows),
    '',
    'Denials beside the rules of risk:',
    '',
    ...table(['code', 'means'], others),
  ]);
}

const INTRODUCTION = [
  'Every order is judged by `assessRisk` in the very transaction that begins its send, on the',
  'positions, open orders and reservations that the commit makes durable. Two orders never pass on',
  'the same buying power. The judgement is for the worst case: everything that is open on the same',
  'side fills first, a market or stop order costs its reference price and a collar, and a short',
  'costs more on the way back.',
  '',
  'The part of an order that only takes a position away needs no buying power and is never stopped',
  'by a limit. The part that opens exposure is reserved until it fills or the order ends. Whether',
  'an exit is one is proven here, not believed: an exit that finds nothing to close is denied.',
  '',
  'A wish by amount is sized at the quote that it is judged by, to nine decimals: a buy is rounded',
  'up to be worth the amount, a sale down. A buy of less than 1.0102 USD is made worth that at',
  'least, so that it is not refused as less than a dollar when the market falls by a tick. Limits',
  'judge the quantity at its worst price. The broker is sent the quantity, so that the books hold',
  'what may fill before anything is sent; the fill itself may cost a little more or less. The size',
  'stays, also when the order is sent again.',
  '',
  'A denial is final for its client order id. It is written with its inputs, audited and alerted,',
  'and nothing of it reaches the broker. A wish that no order can stand for (a quantity of ten',
  'decimals, the id of another order) leaves one audit line, `wish_denied`, and the alert. An id',
  'that is asked for again with the same fields is the same order.',
];
