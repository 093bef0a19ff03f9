/**
 * So many frames the books take in one transaction: more would hold them for too long. When as many
 * wait it is a burst.
 */
export const FRAMES_AT_ONCE = 50;

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
    isLong: () => waiting >= FRAMES_AT_ONCE,
  };
}
