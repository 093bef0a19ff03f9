const TICK_MS = 15_000;
const startedAtMs = performance.now();

/**
 * One line of progress on standard error, so that standard output stays the program's own.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`[setup ${elapsed()}] ${text}\n`);
}

/**
 * Runs long work and says every 15 seconds that it goes on.
 * @template T
 * @param {string} name what is being done
 * @param {() => string} detail how far it has come; may be empty
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(name, detail, work) {
  say(`${name} …`);
  const timer = setInterval(() => {
    const how = detail();
    say(`${name} … ${how === '' ? 'still working' : how}`);
  }, TICK_MS);
  try {
    const result = await work();
    say(`${name}: done`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

function elapsed() {
  const seconds = Math.floor((performance.now() - startedAtMs) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
