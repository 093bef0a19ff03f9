import { playHalts } from './halts.js';
import { playMischief } from './mischief.js';
import { wantOrder } from './order-wishes.js';
import { playRestarts } from './restarts.js';
import { later, type Stage } from './stage.js';
import { steerWhatRests } from './steering.js';
import { playTradingDays } from './trading-days.js';
import { playTurns } from './turns.js';

/** Legs and replacements are orders too: most runs have enough before everybody has wished. */
const WISHES_MAX = 22;

/**
 * What people and strategies do in one run: wishes of every kind until it has twenty orders,
 * cancels and replacements of some and of their legs, turns, in some runs a halt with or without
 * its release, a stop and a start, the bells of the market; and what happens without Ordinis.
 * Whoever gets no answer asks again.
 */
export function playScenario(stage: Stage, lastsMs: number): void {
  const { chance } = stage;
  for (let number = 1; number <= WISHES_MAX; number += 1) {
    later(stage, chance.between(2_000, lastsMs * 0.8), () => wantOrder(stage, number));
  }
  const withOwnChance = (name: string): Stage => ({ ...stage, chance: chance.fork(name) });
  steerWhatRests(withOwnChance('steering'), lastsMs);
  playTurns(withOwnChance('turns'), lastsMs);
  playHalts(withOwnChance('halts'), lastsMs);
  playTradingDays(withOwnChance('days'), lastsMs);
  playRestarts(withOwnChance('restarts'), lastsMs);
  // An account that holds something before the books were ever opened is not opened at all.
  const mischievous = withOwnChance('mischief');
  if (stage.process() === null) stage.whenReady(() => playMischief(mischievous));
  else playMischief(mischievous);
}
