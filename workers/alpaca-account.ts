/**
 * Whether an account is one at Alpaca: its broker is reached with keys, and its market runs with
 * the wall. The others are those of simulated runs, whose broker is in their record.
 */
export function isAtAlpaca(account: string | null): boolean {
  return account !== null && account.startsWith('alpaca-');
}
