import type { BooksSnapshot } from '../books-snapshot.js';
import { equityOf, totalUnrealized, unrealizedOf } from '../books-snapshot.js';
import { orderSentence } from '../orders/order-lines.js';
import { averageText, instantOf, money, newYorkText, quantityText } from '../words.js';
import { bareSinceOf, stateOf, turnSentence } from '../../workers/reference.js';
import type { LiveState } from './live-state.js';
import { percentOf } from './plain-lines.js';

const BAR_WIDTH = 30;
const ROWS_SHOWN = 5;
const COLUMNS_MIN = 20;

/** The live view as lines that fit into `columns`. Pure: the same state gives the same lines. */
export function renderLiveView(
  state: LiveState,
  columns: number,
  haltHint: string,
): readonly string[] {
  const width = Math.max(COLUMNS_MIN, columns - 1);
  const lines = [
    headLine(state),
    marketLine(state),
    ...bookLines(state),
    ...state.lastLines.map((line) => `  ${line}`),
    ...footLines(state, haltHint),
  ];
  return lines.map((line) => cut(line, width));
}

/** A bar of the market day: `[######----]`. */
export function progressBar(progress: number): string {
  const done = Math.round(Math.min(1, Math.max(0, progress)) * BAR_WIDTH);
  return `[${'#'.repeat(done)}${'-'.repeat(BAR_WIDTH - done)}]`;
}

function headLine({ phase, run }: LiveState): string {
  const what = run === null ? '' : `  ${run.account}  ${run.description}`;
  return `Ordinis ${phase.toUpperCase()}${what}`;
}

function marketLine({ market }: LiveState): string {
  if (market === null) return 'market time: not known yet';
  const percent = String(percentOf(market.progress)).padStart(3);
  const phase = market.phase.replaceAll('_', ' ');
  const at = newYorkText(instantOf(market.atMs));
  return `${at} New York  ${progressBar(market.progress)} ${percent} %  ${phase}`;
}

function bookLines({ books, booksFault }: LiveState): readonly string[] {
  const fault = booksFault === null ? [] : [`books could not be read: ${booksFault}`];
  if (books === null) return fault;
  return [
    ...fault,
    figuresLine(books),
    ...haltLines(books),
    ...listed('positions', books.positions.map(positionText)),
    ...listed('open orders', books.openOrders.map(orderText)),
    ...(books.openTurns.length === 0 ? [] : listed('turns', books.openTurns.map(turnText))),
    'last events',
  ];
}

function figuresLine(books: BooksSnapshot): string {
  const { account, positions } = books;
  return [
    `equity ${money(equityOf(books))}`,
    `realised ${money(account.realizedPnl)}`,
    `unrealised ${money(totalUnrealized(positions))}`,
    `fees ${money(account.fees)}`,
  ].join('   ');
}

function haltLines({ account, haltCauses }: BooksSnapshot): readonly string[] {
  if (account.haltMode === 'none') return [];
  const why = haltCauses.map(({ reason, message }) => `${reason}: ${message}`).join('; ');
  return [`${account.haltMode.replaceAll('_', ' ').toUpperCase()} because of ${why}`];
}

function positionText(position: BooksSnapshot['positions'][number]): string {
  const { symbol, side, quantity, costBasis } = position;
  const average = averageText(costBasis, quantity);
  const unrealized = money(unrealizedOf(position));
  return `${symbol} ${side} ${quantityText(quantity)} at ${average}, ${unrealized}`;
}

function turnText({ turn }: BooksSnapshot['openTurns'][number]): string {
  const bare = bareSinceOf(turn) === null ? '' : ', without its protection';
  return `${turnSentence(turn)}: ${turn.progress.state}${bare}`;
}

function orderText({ order }: BooksSnapshot['openOrders'][number]): string {
  return `${orderSentence(order)}: ${stateOf(order)}`;
}

function listed(title: string, texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return [`${title}: none`];
  const more = texts.length - ROWS_SHOWN;
  return [
    `${title} (${texts.length})`,
    ...texts.slice(0, ROWS_SHOWN).map((text) => `  ${text}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function footLines({ run, phase }: LiveState, haltHint: string): readonly string[] {
  const ui = run?.uiUrl ?? null;
  const keys = phase === 'stopping' ? 'Ctrl-C again leaves at once' : 'Ctrl-C shuts down';
  return [...(ui === null ? [] : [`Web UI ${ui}`]), `halt: ${haltHint}   ${keys}`];
}

function cut(line: string, width: number): string {
  const letters = Array.from(line);
  return letters.length <= width ? line : `${letters.slice(0, width - 1).join('')}…`;
}
