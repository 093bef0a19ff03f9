import { type Card, NEVER, NotSeen } from '../card.js';
import { leaveNothing } from '../leave-nothing.js';

/** How the account is left. */
export const ENDING_CARDS: readonly Card[] = [
  {
    number: 90,
    title: 'Flat again, and in agreement with the broker',
    purpose: 'The cards leave nothing behind.',
    steps: ['Cancel what is open.', 'Close the position.', 'Reconcile.'],
    expected: ['no open order', 'no position', 'a clean reconciliation'],
    ...NEVER,
    run: async (bench) => {
      const left = await leaveNothing(bench);
      if (left.length > 0) throw new NotSeen(`nothing left, found ${left.join('; ')}`);
      await bench.reconcile();
    },
  },
  {
    number: 91,
    title: 'Stopped in order',
    purpose: 'A shutdown ends through its workflow and leaves no order.',
    steps: ['Send SIGTERM.'],
    expected: ['exit code 0', 'state stopped'],
    ...NEVER,
    run: async (bench) => {
      const end = await bench.system.stop();
      bench.note(`ended with code ${end.code}: ${end.lines.at(-1)}`);
      if (end.code !== 0) throw new NotSeen(`exit code 0, found ${end.code}`);
    },
  },
];
