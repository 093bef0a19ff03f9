import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the clone. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where setup keeps its lock and the logs of what it ran; git ignores it. */
export const setupFolder = join(root, '.setup');

/** Where what takes long to make is kept for every clone on this machine. */
export function cacheFolder() {
  const { ORDINIS_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return ORDINIS_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'ordinis');
}
