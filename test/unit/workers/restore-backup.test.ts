import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backUp, openReader, restoreBackup } from '../../../workers/books-access.js';
import { StartRefused } from '../../../workers/start-options.js';
import { leaseHolder } from '../../../workers/take-lease.js';
import { startChild } from '../../store/child.js';
import { openTestDatabase, type TestDatabase } from '../../store/open-books.js';
import { ACCOUNT, newAccount } from '../../store/rows-fixture.js';

let test: TestDatabase;
let backup: string;

beforeEach(async () => {
  test = await openTestDatabase();
  await test.database.books.openAccount(newAccount());
  backup = (await backUp(test.folder)).path;
});

afterEach(async () => {
  await test.close();
});

const replaced = (): readonly string[] =>
  readdirSync(test.folder).filter((name) => name.includes('replaced'));

describe('restoreBackup', () => {
  it('another process has the folder → refused with its pid, and nothing is moved', async () => {
    const child = startChild('hold-lease', join(test.folder, 'lease.db'));
    await child.line();
    const refusal = await restoreBackup(test.folder, backup).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartRefused);
    expect(refusal).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`found Ordinis running on it (process ${child.pid})`),
    });
    expect(replaced()).toEqual([]);
    await child.end();
  });

  it('nobody has it → restored, and the folder is free again', async () => {
    const { previousPath } = await restoreBackup(test.folder, backup);
    expect(previousPath !== null && existsSync(previousPath)).toBe(true);
    expect(leaseHolder(test.folder)).toBeNull();
    const books = await openReader(test.folder);
    expect(await books.reader(ACCOUNT).account()).not.toBeNull();
    await books.close();
  });

  it('no sound backup → said, and the folder is free again', async () => {
    const odd = join(test.folder, 'nothing.db');
    await expect(restoreBackup(test.folder, odd)).rejects.toThrow('expected a backup at');
    expect(leaseHolder(test.folder)).toBeNull();
  });
});
