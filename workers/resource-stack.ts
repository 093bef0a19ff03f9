/** What was opened, to be closed in the opposite order. */
export interface ResourceStack {
  add(name: string, close: () => Promise<void>): void;
  /** Closes everything; what fails to close is named in the error, after all were tried. */
  closeAll(): Promise<void>;
}

export function openStack(): ResourceStack {
  const open: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  return {
    add: (name, close) => {
      open.push({ name, close });
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
      if (failures.length > 0)
        throw new Error(`expected to close all, found ${failures.join('; ')}`);
    },
  };
}
