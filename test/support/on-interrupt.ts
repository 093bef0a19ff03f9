const INTERRUPTED = 130;

/**
 * Cleans up and ends this process at Ctrl-C and SIGTERM: what was started in groups of its own
 * hears neither. One Ctrl-C may arrive twice, from the terminal and from npm. Returns how to
 * undo it.
 */
export function onInterrupt(clean: () => Promise<void>): () => void {
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    const exit = (): never => process.exit(INTERRUPTED);
    void clean().then(exit, exit);
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return () => {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  };
}
