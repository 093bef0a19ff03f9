import { join } from 'node:path';
import type { RealData } from './real-data.js';

/** A recorded market day, as the command line names it. */
export interface RecordedSession {
  readonly date: string;
  readonly symbols: string;
  /** What is special about it. */
  readonly note: string;
}

/** Every recorded date with all the symbols that were recorded on it. */
export const RECORDED_SESSIONS: readonly RecordedSession[] = [
  { date: '2013-10-04', symbols: 'SPY,IBM', note: 'a Friday' },
  { date: '2013-10-07', symbols: 'SPY,IBM', note: 'a whole day' },
  { date: '2013-10-08', symbols: 'SPY,IBM', note: 'a whole day' },
  { date: '2013-10-09', symbols: 'SPY,IBM', note: 'a whole day' },
  { date: '2013-10-10', symbols: 'SPY,IBM', note: 'a whole day' },
  { date: '2013-10-11', symbols: 'SPY,IBM', note: 'a whole day' },
  { date: '2014-06-05', symbols: 'AAPL', note: 'before a split' },
  { date: '2014-06-06', symbols: 'AAPL', note: 'the last day before a split of 7 for 1' },
  { date: '2014-06-09', symbols: 'AAPL', note: 'the day of a split of 7 for 1' },
  { date: '2015-12-23', symbols: 'GOOG', note: 'without quotes' },
  { date: '2015-12-24', symbols: 'GOOG', note: 'a half day' },
  { date: '2015-12-28', symbols: 'GOOG', note: 'after a half day and a holiday' },
];

/** The flags of a recorded session, as fast as the machine does it. */
export function recordedFlags(
  data: RealData,
  { date, symbols }: Pick<RecordedSession, 'date' | 'symbols'>,
): readonly string[] {
  return [
    ...['--market', 'recorded', '--market-data', join(data.root, 'minute')],
    ...['--date', date, '--symbols', symbols, '--speed', 'max'],
  ];
}
