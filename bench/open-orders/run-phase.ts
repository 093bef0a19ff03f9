import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openBenchStack } from '../orders/stack.js';
import { fillAccount } from './fill-phase.js';
import type { Phase, PhaseWish } from './phases.js';
import { recoverAccount } from './recover-phase.js';
import { RESTING_SYMBOL, TRADED_SYMBOL } from './resting-orders.js';

/** A phase in a process of its own, which has told what it found and still runs. */
export interface RunningPhase {
  readonly found: Phase;
  /** No warning, no shutdown: what else it had started lives on. */
  kill(): Promise<void>;
  /** Ends everything that it had started. */
  end(): Promise<void>;
}

/** Starts a phase as a child of this process and waits for its figures. */
export async function startPhase(program: string, wish: PhaseWish): Promise<RunningPhase> {
  const child = fork(program, ['--child', JSON.stringify(wish)]);
  const exited = once(child, 'exit');
  const found = await Promise.race([
    once(child, 'message').then(([message]) => message as Phase),
    exited.then(() => null),
  ]);
  if (found === null) throw new Error(`expected figures of the ${wish.phase} phase, found its end`);
  return {
    found,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    end: async () => {
      child.send('end');
      await exited;
    },
  };
}

/** The child's side: does its phase, tells, and waits to be killed or ended. */
export async function runPhase(wish: PhaseWish): Promise<void> {
  const { phase, dataDirectory, temporalBinary, temporalPort, orders } = wish;
  const symbols = [RESTING_SYMBOL, TRADED_SYMBOL];
  const stack = await openBenchStack({ dataDirectory, temporalBinary, temporalPort, symbols });
  const found =
    phase === 'fill' ? await fillAccount(stack, orders) : await recoverAccount(stack, wish);
  process.once('message', () => {
    const end = (): never => process.exit(0);
    stack.close().then(end, end);
  });
  process.send?.(found);
}
