import { Draws } from './draws.js';

/** What disturbs one minute of a made-up day. */
export interface Disturbance {
  /** Nobody trades and nobody quotes. */
  readonly isHalted: boolean;
  /** What the price is multiplied by before the minute begins. */
  readonly jump: number;
  /** How many times wider than usual the spread is at its end. */
  readonly spreadFactor: number;
}

const CALM: Disturbance = { isHalted: false, jump: 1, spreadFactor: 1 };
const HALT_SHARE = 0.35;
const HALT_MINUTES_MIN = 5;
const HALT_MINUTES_SPAN = 11;
const GAPS_MAX = 3;
/** The first and last minutes of a session, in which spreads are wide. */
const WIDE_AT_OPEN_MINUTES = 15;
const WIDE_AT_CLOSE_MINUTES = 10;
const CALMING_MINUTES = 8;

/**
 * The gaps and halts of one day, minute by minute, drawn from a seed of their own: on about every
 * third day one halt of five to fifteen minutes that reopens one to four percent away, up to three
 * gaps of half a percent to two, and spreads that are wide at the edges and after each shock.
 */
export function drawTurbulence(seed: string, minutes: number): readonly Disturbance[] {
  const draws = new Draws(seed);
  const uniform = () => draws.uniform();
  const between = (min: number, span: number) => min + Math.floor(uniform() * span);
  const signed = (size: number) => 1 + (uniform() < 0.5 ? -size : size);
  const jumps = new Map<number, number>();
  const gapCount = between(0, GAPS_MAX + 1);
  for (let index = 0; index < gapCount; index += 1) {
    jumps.set(between(5, minutes - 10), signed(0.005 + 0.015 * uniform()));
  }
  const hasHalt = uniform() < HALT_SHARE;
  const haltFrom = hasHalt ? between(20, minutes - 60) : minutes;
  const haltUntil = haltFrom + between(HALT_MINUTES_MIN, HALT_MINUTES_SPAN);
  if (hasHalt) jumps.set(haltUntil, signed(0.01 + 0.03 * uniform()));
  return Array.from({ length: minutes }, (_none, minute): Disturbance => {
    const isHalted = minute >= haltFrom && minute < haltUntil;
    const jump = isHalted ? 1 : (jumps.get(minute) ?? 1);
    return { ...CALM, isHalted, jump, spreadFactor: spreadFactorAt(minute, minutes, jumps) };
  });
}

function spreadFactorAt(
  minute: number,
  minutes: number,
  jumps: ReadonlyMap<number, number>,
): number {
  const edge =
    minute < WIDE_AT_OPEN_MINUTES ? 3 : minute >= minutes - WIDE_AT_CLOSE_MINUTES ? 2 : 1;
  const sinceShock = [...jumps.keys()]
    .filter((at) => at <= minute)
    .reduce((least, at) => Math.min(least, minute - at), CALMING_MINUTES);
  return Math.max(edge, 1 + (CALMING_MINUTES - sinceShock) / 2);
}
