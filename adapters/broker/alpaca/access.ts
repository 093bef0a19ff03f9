/** The key pair of an account. */
export interface AlpacaKeys {
  readonly keyId: string;
  readonly secret: string;
}

const HEADER_TEXT = /^[\x21-\x7e]+$/;

/**
 * Refuses keys that no header can carry, without ever showing them: a library's own message would.
 */
export function checkKeys(keys: AlpacaKeys): AlpacaKeys {
  for (const [name, value] of Object.entries({ keyId: keys.keyId, secret: keys.secret })) {
    if (!HEADER_TEXT.test(value)) {
      throw new Error(
        `expected ${name} as printable characters without spaces, found others: check the key file`,
      );
    }
  }
  return keys;
}

/** A text of the wire or of a library in which no key can be read. */
export function withoutKeys(text: string, { keyId, secret }: AlpacaKeys): string {
  return text.replaceAll(secret, '***').replaceAll(keyId, '***');
}

/** A base address without the slash that paths begin with. */
export function baseUrl(url: string): string {
  return url.replace(/\/+$/, '');
}
