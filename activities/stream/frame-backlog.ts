/** So many frames are a burst: the books take no more in one transaction. */
const LONG = 50;

/**
 * How many frames wait to be booked. During a burst the processor belongs to the books: what tells
 * workflows of it can wait for moments, and knows so from here.
 */
export interface FrameBacklog {
  note(waiting: number): void;
  isLong(): boolean;
}

export function createFrameBacklog(): FrameBacklog {
  let waiting = 0;
  return {
    note: (count) => {
      waiting = count;
    },
    isLong: () => waiting >= LONG,
  };
}
