import { orderStatesPage } from './order-states.js';
import { riskPage } from './risk.js';

/** Every generated page, by its path in the repository. */
export const GENERATED_PAGES: readonly { readonly path: string; readonly text: () => string }[] = [
  { path: 'docs/concepts/order-states.md', text: orderStatesPage },
  { path: 'docs/concepts/risk.md', text: riskPage },
];
