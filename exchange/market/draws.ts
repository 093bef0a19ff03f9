import { drawRandom, randomStateOf } from '../matching/index.js';

/** Numbers drawn one after the other from a name: the same name, the same numbers. */
export class Draws {
  private state: number;

  constructor(name: string) {
    this.state = randomStateOf(name);
  }

  /** From 0 up to, and never, 1. */
  uniform(): number {
    const draw = drawRandom(this.state);
    this.state = draw.state;
    return draw.value;
  }

  /** About standard normal: the sum of twelve uniforms less six. */
  normal(): number {
    let sum = -6;
    for (let index = 0; index < 12; index += 1) sum += this.uniform();
    return sum;
  }
}
