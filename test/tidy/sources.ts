import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, type Program } from 'oxc-parser';
import { repositoryRoot } from '../support/repository.js';

/** A file of this repository: its path from the root, with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const UNTIDIED_FOLDERS = new Set(['node_modules', 'dist', '.git']);
/** Of a worktree, `.git` is a file. */
const UNTIDIED_PATHS = new Set(['.git', 'data', 'prisma/generated']);

let cached: readonly SourceFile[] | undefined;

/** Every text file that people wrote: no packages, no build output, no generated client. */
export function writtenFiles(): readonly SourceFile[] {
  cached ??= listFiles('').map((path) => ({
    path,
    text: readFileSync(join(repositoryRoot, path), 'utf8'),
  }));
  return cached;
}

/** Every written file of TypeScript or JavaScript. */
export function codeFiles(): readonly SourceFile[] {
  return writtenFiles().filter(({ path }) => /\.(ts|mjs|cjs|js)$/.test(path));
}

/** The syntax tree of a file. Throws when it does not parse. */
export function parseSource(file: SourceFile): Program {
  const { program, errors } = parseSync(file.path, file.text);
  const [first] = errors;
  if (first !== undefined) {
    throw new Error(`expected ${file.path} to parse, found: ${first.message}`);
  }
  return program;
}

/** The number, from 1, of the line that holds a character. */
export function lineOf(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split('\n').length;
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return UNTIDIED_FOLDERS.has(entry.name) || UNTIDIED_PATHS.has(path) ? [] : listFiles(path);
    }
    const isWritten = entry.isFile() && !UNTIDIED_PATHS.has(path);
    return isWritten && !/\.(png|ico|db|gz|zip|log)$/.test(path) ? [path] : [];
  });
}
