import { readFileSync, statSync } from 'node:fs';
import type { EnvironmentVariables } from './schema.js';

export interface BrokerKeys {
  readonly keyId: string;
  readonly secret: string;
}

export type BrokerKeysResult =
  | { readonly ok: true; readonly keys: BrokerKeys }
  /** One line each; never any part of a secret. */
  | { readonly ok: false; readonly faults: readonly string[] };

const KEY_ID = 'APCA_API_KEY_ID';
const SECRET = 'APCA_API_SECRET_KEY';
/** Alpaca begins the ids of live keys with these letters, those of paper keys with PK. */
const LIVE_KEY = /^AK/;
const PAPER_HOST = 'paper-api.alpaca.markets';
const OTHERS_MAY = 0o077;

/**
 * The keys of a paper account, from a file that only its owner can read when one is named, else
 * from the environment; never from arguments, which every user of the machine can see. Keys or an
 * address of the live mode are refused: paper is what was asked for.
 */
export function loadPaperKeys(
  variables: EnvironmentVariables,
  keysFile: string | null,
): BrokerKeysResult {
  const read = keysFile === null ? fromEnvironment(variables) : fromFile(keysFile);
  const faults = [...(read.ok ? wrongMode(read.keys) : read.faults), ...wrongHost(variables)];
  return read.ok && faults.length === 0 ? read : { ok: false, faults };
}

function fromEnvironment(variables: EnvironmentVariables): BrokerKeysResult {
  const { APCA_API_KEY_ID: keyId, APCA_API_SECRET_KEY: secret } = variables;
  if (keyId !== null && secret !== null) return { ok: true, keys: { keyId, secret } };
  const missing = [keyId === null ? KEY_ID : null, secret === null ? SECRET : null];
  const names = missing.filter((name) => name !== null).join(' and ');
  return {
    ok: false,
    faults: [
      `expected ${names} in the environment for --broker alpaca-paper, found none; ` +
        'set them, or name a file with --keys-file',
    ],
  };
}

function fromFile(path: string): BrokerKeysResult {
  const text = readPrivateFile(path);
  if (!text.ok) return { ok: false, faults: [text.fault] };
  const values = new Map(
    text.value.split(/\r?\n/).flatMap((line): [string, string][] => {
      const match = /^\s*(?:export\s+)?([A-Z_]+)\s*=\s*["']?([^"'\s]+)["']?\s*$/.exec(line);
      return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]]];
    }),
  );
  const keyId = values.get(KEY_ID);
  const secret = values.get(SECRET);
  if (keyId !== undefined && secret !== undefined) return { ok: true, keys: { keyId, secret } };
  const lines = `${KEY_ID}=… and ${SECRET}=…`;
  return { ok: false, faults: [`expected ${lines} in ${path}, found not both; add them`] };
}

/** The text of a file that nobody but its owner may read or write. */
export function readPrivateFile(
  path: string,
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly fault: string } {
  try {
    const mode = statSync(path).mode & 0o777;
    if ((mode & OTHERS_MAY) !== 0) {
      const found = mode.toString(8).padStart(3, '0');
      return {
        ok: false,
        fault: `expected mode 600 of ${path}, found ${found}; run chmod 600 ${path}`,
      };
    }
    return { ok: true, value: readFileSync(path, 'utf8') };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const found = String(error.code);
    const fault = `expected a readable file at ${path}, found ${found}; correct the path`;
    return { ok: false, fault };
  }
}

function wrongMode({ keyId }: BrokerKeys): readonly string[] {
  if (!LIVE_KEY.test(keyId)) return [];
  return [
    'expected the key of a paper account (PK…) for --broker alpaca-paper, found one of a live ' +
      'account (AK…); use the paper account’s key',
  ];
}

function wrongHost({ APCA_API_BASE_URL: url }: EnvironmentVariables): readonly string[] {
  if (url === null || hostOf(url) === PAPER_HOST) return [];
  return [
    `expected APCA_API_BASE_URL to be unset or https://${PAPER_HOST} for --broker alpaca-paper, ` +
      `found ${JSON.stringify(url.slice(0, 60))}; unset it`,
  ];
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}
