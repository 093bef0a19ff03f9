import type { Bench } from './bench.js';
import type { Card } from './card.js';

export type CardOutcome = 'passed' | 'failed' | 'skipped';

/** What came of a card. */
export interface CardResult {
  readonly card: Card;
  readonly outcome: CardOutcome;
  /** Why it failed or was skipped. */
  readonly why: string | null;
  readonly seen: readonly string[];
  readonly seconds: number;
}

/** Tries one card. Whatever it throws is its result: the next card is tried all the same. */
export async function runCard(bench: Bench, card: Card): Promise<CardResult> {
  const startedAtMs = performance.now();
  const done = (outcome: CardOutcome, why: string | null): CardResult => {
    const seconds = (performance.now() - startedAtMs) / 1_000;
    return { card, outcome, why, seen: bench.takeSeen(), seconds };
  };
  const why = card.skip(bench);
  if (why !== null) return done('skipped', why);
  try {
    await card.run(bench);
    return done('passed', null);
  } catch (error) {
    return done('failed', error instanceof Error ? error.message : String(error));
  }
}
