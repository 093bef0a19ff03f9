import { demonstration } from './demonstration.js';
import { movingAverageCross } from './moving-average-cross.js';
import type { Strategy } from './strategy.js';

/** Every strategy there is. A new one is a file of its own and a line here. */
const STRATEGIES: readonly Strategy[] = [movingAverageCross, demonstration];

/** The strategy of a name, or null. */
export function strategyNamed(name: string): Strategy | null {
  return STRATEGIES.find((strategy) => strategy.name === name) ?? null;
}

/** All names, in the order of the registry. */
export function strategyNames(): readonly string[] {
  return STRATEGIES.map((strategy) => strategy.name);
}
