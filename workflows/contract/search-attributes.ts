/**
 * What the Web UI can search and show. Registered at start; never encrypted: no secrets, no account
 * numbers.
 */
export const SEARCH_ATTRIBUTES = {
  OrdAccount: 'KEYWORD',
  OrdSymbol: 'KEYWORD',
  OrdSide: 'KEYWORD',
  OrdStatus: 'KEYWORD',
  OrdStrategy: 'KEYWORD',
  OrdMode: 'KEYWORD',
  OrdNeedsAttention: 'BOOL',
  /** In dollars, at the limit or the price that was decided at: to search and sort by. */
  OrdNotional: 'DOUBLE',
  /** In units, as of the last change of the status. */
  OrdFilledQuantity: 'DOUBLE',
} as const;

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;
