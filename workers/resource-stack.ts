/** What was opened, to be closed in the opposite order. */
export interface ResourceStack {
  add(name: string, close: () => Promise<void>): void;
  /** Waits for all to open, so that a failure of one leaves none half open and unknown. */
  all<Opened extends readonly unknown[]>(
    opening: readonly [...{ [Index in keyof Opened]: Promise<Opened[Index]> }],
  ): Promise<Opened>;
  /** Closes everything; what fails to close is named in the error, after all were tried. */
  closeAll(): Promise<void>;
}

export function openStack(): ResourceStack {
  const open: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  return {
    add: (name, close) => {
      open.push({ name, close });
    },
    all: async (opening) => {
      await Promise.allSettled(opening);
      return Promise.all(opening) as never;
    },
    closeAll: async () => {
      const failures: string[] = [];
      for (let last = open.pop(); last !== undefined; last = open.pop()) {
        try {
          await last.close();
        } catch (error) {
          failures.push(`${last.name}: ${String(error)}`);
        }
      }
      if (failures.length > 0) throw new Error(`expected to close all, found ${failures.join('; ')}`);
    },
  };
}
