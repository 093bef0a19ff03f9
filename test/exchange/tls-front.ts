import { generateKeyPairSync, sign } from 'node:crypto';
import { connect } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { assert } from '../../domain/values/index.js';
import { afterTest } from './running-exchange.js';

/**
 * Serves a port of this machine over TLS, for a client that knows nothing else. Its certificate is
 * made here and signed by itself: whoever connects must not ask who signed it.
 */
export async function openTlsFront(behindPort: number): Promise<{ readonly port: number }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = selfSigned(publicKey.export({ type: 'spki', format: 'der' }), (bytes) =>
    sign('sha256', bytes, privateKey),
  );
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const server = createServer({ key, cert: pem(certificate) }, (client: TLSSocket) => {
    const behind = connect(behindPort, '127.0.0.1');
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(() => {
    server.close();
  });
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'expected the address of a TCP socket');
  return { port: address.port };
}

const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const NOBODY = tagged(0x30, []);

/** The smallest certificate there is: a number, a time, a key, and a signature over them. */
function selfSigned(publicKey: Buffer, signed: (bytes: Buffer) => Buffer): Buffer {
  const algorithm = tagged(0x30, [ECDSA_WITH_SHA256]);
  const instant = (text: string) => tagged(0x17, [Buffer.from(text, 'latin1')]);
  const validity = tagged(0x30, [instant('200101000000Z'), instant('491231235959Z')]);
  const serial = tagged(0x02, [Buffer.from([1])]);
  const body = tagged(0x30, [serial, algorithm, NOBODY, validity, NOBODY, publicKey]);
  const signature = tagged(0x03, [Buffer.from([0]), signed(body)]);
  return tagged(0x30, [body, algorithm, signature]);
}

/** A value of ASN.1 in its distinguished encoding. */
function tagged(tag: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 128) return [length];
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
