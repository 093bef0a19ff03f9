import { describe, expect, it } from 'vitest';
import { writtenFiles, type SourceFile } from './sources.js';

/** A path that exists on one person's machine only. Home folders and mounted workspaces. */
const MACHINE_PATH = /(?<![\w.$}/-])\/(?:home|Users|root|work|mnt|media)\/\w[\w./-]*/g;

function machinePaths({ path, text }: SourceFile): readonly string[] {
  return [...text.matchAll(MACHINE_PATH)].map((match) => `${path} names ${match[0]}`);
}

describe('machine paths', () => {
  it('this repository: none', () => {
    const files = writtenFiles().filter(({ path }) => path !== 'test/tidy/machine-paths.test.ts');
    expect(files.flatMap(machinePaths)).toEqual([]);
  });

  it('package-lock.json: no registry address → each machine uses its own', () => {
    const lock = writtenFiles().find(({ path }) => path === 'package-lock.json');
    expect(lock?.text).toBeDefined();
    expect(lock?.text).not.toContain('"resolved"');
  });

  it.each(['see /home/someone/notes', "'/Users/someone/x'", '=/work/main'])(
    '%s → found',
    (text) => {
      expect(machinePaths({ path: 'planted.md', text })).toHaveLength(1);
    },
  );

  it.each(['https://example.com/home/page', './work/main', 'a/root/b'])('%s → allowed', (text) => {
    expect(machinePaths({ path: 'planted.md', text })).toEqual([]);
  });
});
