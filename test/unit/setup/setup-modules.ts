import { fileURLToPath } from 'node:url';

/** Setup runs before any package is installed, so it is plain JavaScript: these are its types. */
export interface FindTemporal {
  readonly TEMPORAL_VERSION: string;
  readonly findTemporal: () => Promise<{ address: string } | { binary: string } | undefined>;
}

export interface TemporalRelease {
  readonly downloadTemporal: (options: {
    readonly part: string;
    readonly releases: string;
  }) => Promise<string | undefined>;
}

export interface Lock {
  readonly withLock: <T>(path: string, work: () => Promise<T>) => Promise<T>;
}

export interface Compiled {
  readonly buildOutputs: () => readonly {
    readonly output: string;
    readonly source: string | null;
  }[];
}

/** A module of tools/setup. */
export async function setupModule<T>(name: string): Promise<T> {
  const module: T = await import(setupPath(name));
  return module;
}

/** Where a file of tools/setup lies. */
export function setupPath(name: string): string {
  return fileURLToPath(new URL(`../../../tools/setup/${name}`, import.meta.url));
}
