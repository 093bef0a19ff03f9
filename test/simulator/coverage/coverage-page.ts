import { ORDER_STATES } from '../../../domain/order/index.js';
import { FAULT_NAMES } from '../faults/fault-names.js';
import { impossibilityOf } from './coverage-cells.js';
import { IMPOSSIBLE_CELLS } from './impossible-cells.js';

/** Where the page is, from the root of the repository. */
export const COVERAGE_PAGE = 'docs/concepts/fault-coverage.md';
/** How many seeds meet every cell that can be: what the page names and CI may repeat. */
export const COVERAGE_SEEDS = 1_000;

/** The page that shows which faults meet orders in which states, and why the others cannot. */
export function coveragePage(): string {
  const lines = [
    '# Faults and the states they meet',
    '',
    '<!-- Made by `npm run simulate -- --coverage` from `test/simulator/coverage`. -->',
    '',
    'A dot: the fault strikes while the books have an order in this state. The command',
    `\`npm run simulate -- --seeds ${COVERAGE_SEEDS} --coverage\` fails when one is not met.`,
    'A number: it cannot, for the reason below. A run in which it does fails, also in `npm test`.',
    '',
    'A fault that is about one order meets that one, in the state in which its request leaves or',
    'its frame is sent. Any other meets every state that orders are in at that moment.',
    '',
    `| | ${ORDER_STATES.map((state) => `\`${state}\``).join(' | ')} |`,
    `|---|${ORDER_STATES.map(() => '---').join('|')}|`,
    ...FAULT_NAMES.map((fault) => {
      const cells = ORDER_STATES.map((state) => markOf(impossibilityOf({ fault, state })));
      return `| \`${fault}\` | ${cells.join(' | ')} |`;
    }),
    '',
    ...IMPOSSIBLE_CELLS.map(({ why }, index) => `${index + 1}. ${why}`),
  ];
  return `${lines.join('\n')}\n`;
}

function markOf(why: string | null): string {
  if (why === null) return '·';
  return String(IMPOSSIBLE_CELLS.findIndex((rule) => rule.why === why) + 1);
}
