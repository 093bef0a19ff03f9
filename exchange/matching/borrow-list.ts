/** Whether a name can be borrowed, which is what selling it short takes. */
export type BorrowStatus = 'easy_to_borrow' | 'hard_to_borrow';

/** The names of the venue that are hard to borrow, now and after the coming night. */
export class BorrowList {
  private readonly hard: Set<string>;
  private readonly tonight = new Map<string, BorrowStatus>();

  constructor(hardToBorrow: readonly string[]) {
    this.hard = new Set(hardToBorrow);
  }

  statusOf(symbol: string): BorrowStatus {
    return this.hard.has(symbol) ? 'hard_to_borrow' : 'easy_to_borrow';
  }

  /** What the coming night makes of a name; what it is now where nothing is planned. */
  statusTomorrow(symbol: string): BorrowStatus {
    return this.tonight.get(symbol) ?? this.statusOf(symbol);
  }

  set(symbol: string, status: BorrowStatus): void {
    this.tonight.delete(symbol);
    if (status === 'hard_to_borrow') this.hard.add(symbol);
    else this.hard.delete(symbol);
  }

  setTonight(symbol: string, status: BorrowStatus): void {
    this.tonight.set(symbol, status);
  }

  /** The night passes. Answers the names that it changed. */
  passNight(): readonly string[] {
    const changed = [...this.tonight].filter(
      ([symbol, status]) => status !== this.statusOf(symbol),
    );
    for (const [symbol, status] of this.tonight) this.set(symbol, status);
    return changed.map(([symbol]) => symbol);
  }

  /** The hard names as they are now, in the order of the alphabet. */
  names(): readonly string[] {
    return [...this.hard].sort();
  }
}
