/** One draw of a seeded generator: the number and the state that the next draw starts from. */
export interface RandomDraw {
  readonly state: number;
  /** At least 0, below 1. */
  readonly value: number;
}

const TWO_TO_THE_32 = 4_294_967_296;

/** The first state of a generator, from any text: the same text gives the same draws for ever. */
export function randomStateOf(seed: string): number {
  return hash32(seed, 0x9e3779b9);
}

/** Draws once (mulberry32). Plenty for simulated fills and prices, never for secrets. */
export function drawRandom(state: number): RandomDraw {
  const next = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { state: next, value: ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_THE_32 };
}

/** A whole number of at least `min`, at most `max`, from a draw. */
export function wholeNumberBetween(draw: RandomDraw, min: number, max: number): number {
  return min + Math.floor(draw.value * (max - min + 1));
}

/** FNV-1a with a final avalanche: 32 well-mixed bits of a text. */
export function hash32(text: string, basis: number): number {
  let hash = (0x811c9dc5 ^ basis) >>> 0;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
