import { type BrokerKeys, loadPaperKeys } from '../config/index.js';
import { isAtAlpaca } from '../workers/alpaca-account.js';
import type { Shell } from './shell.js';

/** What opens an account at its broker, and what is wrong with what was given. */
export interface AccountKeys {
  /** Null: the account needs none, or there are none that can be used. */
  readonly keys: BrokerKeys | null;
  /** One line each; never any part of a secret. */
  readonly faults: readonly string[];
}

/** Keys open the account they belong to: those of Alpaca are never used for a simulated run. */
export function keysOfAccount(
  shell: Shell,
  flags: { readonly keysFile?: string },
  account: string | null,
): AccountKeys {
  if (!isAtAlpaca(account)) return { keys: null, faults: [] };
  const loaded = loadPaperKeys(shell.environment.variables, flags.keysFile ?? null);
  return loaded.ok ? { keys: loaded.keys, faults: [] } : { keys: null, faults: loaded.faults };
}
