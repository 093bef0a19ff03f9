/**
 * Seeds that once failed, each with what was wrong: they are run with every test. A seed stands for
 * its run only as long as nobody draws chance differently; what it found stays written here. Since
 * all of these, wishes, halts and starts have been drawn anew.
 */
export const FAILED_SEEDS: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 60_082, found: 'a stale order told the price of a gap that it did not reach' },
  { seed: 60_615, found: 'the clock stepped between a send and its request: the simulator itself' },
  { seed: 100_024, found: 'rest was taken for reached by a clock that had been stepped back' },
  { seed: 26, found: 'filled and taken back unheard: the order was open for ever' },
  { seed: 29, found: 'an unknown and an external order waited for each other' },
  { seed: 36, found: 'the legs of a group that was rejected later were taken for external' },
  { seed: 63, found: 'legs were left for later while an order of their symbol was unknown' },
  { seed: 246, found: 'a correction that overtook its fill was forgotten' },
  { seed: 287, found: 'a trade in the place of one taken back unheard was cut: activities' },
  { seed: 314, found: 'a trade in the place of one taken back unheard was cut: the stream' },
  { seed: 273, found: 'a trade in the place of one of its size kept the price of that one' },
  { seed: 324, found: 'a price that only the average of its order shows was not found' },
  { seed: 9, found: 'such a price was given to another trade of the order: the observer' },
  { seed: 170, found: 'given up after less than five minutes, as the clock had been put on' },
  { seed: 290, found: 'a trade taken back beside a guessed price was forgotten: the observer' },
  { seed: 315, found: 'a guess stood although its executions were listed' },
  { seed: 699, found: 'two trades taken back unheard, one a side: only the cash told of them' },
  { seed: 2_167, found: 'as 273, drawn anew: the price and the activity of the trade before' },
  { seed: 1356, found: 'a leg was external while the group that had it was read as it was before' },
  { seed: 1451, found: 'filled and taken back in one instant: the fill was held for ever' },
  { seed: 3695, found: 'a rejected replacement was given up after one lookup that missed' },
  { seed: 183, found: 'a guess stood over listed trades of which one was corrected unheard' },
  { seed: 619_244, found: 'a listed execution that was taken back raised the total' },
  {
    seed: 618_920,
    found: 'two untold corrections in one order, a micro-dollar apart: the observer',
  },
  { seed: 617_370, found: 'a bust and a correction untold made the money of others: the observer' },
  { seed: 700_638, found: 'of two untold corrections one made the terms of a trade: the observer' },
  { seed: 702_579, found: 'a correction gave its name to the twin of its trade: the observer' },
  { seed: 705_185, found: 'a late report that a replacement pends held up its symbol for good' },
  { seed: 803_615, found: 'a correction took a like trade for the one that was not told yet' },
  { seed: 802_398, found: 'an exit that a bust of the other one made larger stayed small' },
  { seed: 813_320, found: 'a bust that a look had found already took the twin of its trade' },
  { seed: 821_857, found: 'a trade that came in the place of its gone twin: the observer' },
  { seed: 823_797, found: 'a correction unheard made the twin of a trade gone: the observer' },
  { seed: 428, found: 'an unheard bust passed for an untold correction: the observer' },
];
