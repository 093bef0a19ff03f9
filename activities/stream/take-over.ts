type Run<Result> = (signal: AbortSignal) => Promise<Result>;

/**
 * Lets one run at a time: a newer one aborts whoever runs or waits, and begins once they have
 * ended. One that was aborted before its turn came never begins.
 */
export function createTakeOver(): <Result>(run: Run<Result>) => Promise<Result> {
  let latest: { readonly attempt: AbortController; readonly ended: Promise<void> } | null = null;
  return (run) => {
    const former = latest;
    former?.attempt.abort(new Error('a newer attempt took over'));
    const attempt = new AbortController();
    const running = (async () => {
      await former?.ended;
      attempt.signal.throwIfAborted();
      return run(attempt.signal);
    })();
    latest = { attempt, ended: running.then(ignore, ignore) };
    return running;
  };
}

/** How a run ends is for its own caller to hear. */
function ignore(): void {}
