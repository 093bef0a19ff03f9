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
} as const;

export type SearchAttributeName = keyof typeof SEARCH_ATTRIBUTES;
