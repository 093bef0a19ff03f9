import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStackFolder } from '../support/stack-folder.js';
import { readWireSamples } from '../support/wire-samples.js';

const KEYS = { APCA_API_KEY_ID: 'key-id', APCA_API_SECRET_KEY: 'a-secret-of-the-test' };
const HEADERS = {
  'APCA-API-KEY-ID': KEYS.APCA_API_KEY_ID,
  'APCA-API-SECRET-KEY': KEYS.APCA_API_SECRET_KEY,
};

/** A folder whose exchange, a process of its own, has answered twice and was killed. */
async function folderOfAKilledExchange() {
  const folder = await openStackFolder('samples');
  const exchange = folder.launch(['exchange', '--port', '0', '--speed', 'lockstep'], KEYS);
  const { tradingUrl } = JSON.parse(await exchange.untilLine(/tradingUrl/));
  for (const path of ['/v2/account', '/v2/assets']) {
    expect((await fetch(`${tradingUrl}${path}`, { headers: HEADERS })).status).toBe(200);
  }
  exchange.signal('SIGKILL');
  await exchange.ended;
  return folder;
}

describe('stack: what exchange processes say', () => {
  it('as the documents have it → the folder goes', async () => {
    const folder = await folderOfAKilledExchange();
    expect(readWireSamples(folder.samplesFolder)).toMatchObject([
      { kind: 'answer', method: 'GET', route: '/v2/account', status: 200 },
      { kind: 'answer', method: 'GET', route: '/v2/assets', status: 200 },
    ]);
    await folder.remove();
    expect(existsSync(folder.samplesFolder)).toBe(false);
  });

  it('planted: an answer that no document allows → the folder says so, and goes', async () => {
    const folder = await folderOfAKilledExchange();
    const [name = ''] = readdirSync(folder.samplesFolder);
    const [account] = readWireSamples(folder.samplesFolder);
    const wrong = { ...account, body: { cash: 12 } };
    appendFileSync(join(folder.samplesFolder, name), `${JSON.stringify(wrong)}\n`);
    await expect(folder.remove()).rejects.toThrow('GET /v2/account 200');
    expect(existsSync(folder.samplesFolder)).toBe(false);
  });
});
