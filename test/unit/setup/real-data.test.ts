import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findRealData, openRealData } from '../../support/real-data.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ordinis-data-'));
  writeFileSync(join(root, 'bars.csv'), 't,o,h,l,c,v\n');
  const sha256 = createHash('sha256').update('t,o,h,l,c,v\n').digest('hex');
  const files = [
    { file: 'bars.csv', sha256 },
    { file: 'absent.csv', sha256 },
  ];
  writeFileSync(join(root, 'manifest.json'), JSON.stringify({ files, oracles: [] }));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

describe('openRealData', () => {
  it('a file as the manifest says → its bytes and its path', () => {
    const data = openRealData(root);
    expect(data.read('bars.csv').toString()).toBe('t,o,h,l,c,v\n');
    expect(readFileSync(data.path('bars.csv'), 'utf8')).toBe('t,o,h,l,c,v\n');
    expect(data.files).toEqual(['bars.csv', 'absent.csv']);
  });

  it('an altered file → refused with both sums', () => {
    writeFileSync(join(root, 'bars.csv'), 'altered');
    expect(() => openRealData(root).path('bars.csv')).toThrow(
      /expected sha256 .* found .* restore/,
    );
  });

  it('a file that the manifest does not name → refused', () => {
    expect(() => openRealData(root).read('manifest.json')).toThrow('found no such entry');
  });

  it('a file that is named but absent → refused', () => {
    expect(() => openRealData(root).path('absent.csv')).toThrow('ENOENT');
  });
});

describe('findRealData', () => {
  it('no manifest where the variable points → says where it looked', () => {
    vi.stubEnv('ORDINIS_TEST_DATA', join(root, 'nowhere'));
    expect(findRealData()).toEqual({ missing: expect.stringContaining('ORDINIS_TEST_DATA=') });
  });

  it('a manifest where the variable points → that data', () => {
    vi.stubEnv('ORDINIS_TEST_DATA', root);
    expect(findRealData()).toMatchObject({ root });
  });
});
