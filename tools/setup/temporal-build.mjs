import { join } from 'node:path';
import { runCommand, tellingLine } from './command.mjs';
import { TEMPORAL_VERSION } from './find-temporal.mjs';
import { root, setupFolder } from './places.mjs';
import { withProgress } from './progress.mjs';

const MODULE = join(root, 'tools', 'temporal');
const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
const VERSION_FLAG = 'github.com/temporalio/cli/internal/temporalcli.Version';
const OLDEST_GO = [1, 26, 4];

/** Go's own settings of this machine must not change what is built. */
const ENVIRONMENT = { CGO_ENABLED: '0', GOWORK: 'off' };

/**
 * Builds the CLI into `part` from the versions and sums pinned in tools/temporal. Go keeps what it
 * fetched and compiled, so an interrupted build goes on where it was. Answers undefined when the
 * program is there, otherwise in a few words why not.
 * @param {string} part
 * @returns {Promise<string | undefined>}
 */
export async function buildTemporal(part) {
  const go = await goVersion();
  if (go === undefined) {
    return 'no go on PATH';
  }
  if (!isRecentGo(go)) {
    return `Go ${go.join('.')} is older than ${OLDEST_GO.join('.')}`;
  }
  return (await fetchModules()) ?? (await compile(part));
}

async function fetchModules() {
  let fetched = 0;
  const { code, lines } = await withProgress(
    'Temporal server: go, fetching modules (first time about 4 minutes)',
    () => `${fetched} modules fetched`,
    () =>
      runGo(['list', '-mod=readonly', '-deps', '-f', '{{.ImportPath}}', PACKAGE], (line) => {
        fetched += line.startsWith('go: downloading') ? 1 : 0;
      }),
  );
  return code === 0 ? undefined : `go could not fetch the modules: ${tellingLine(lines)}`;
}

async function compile(part) {
  let packages = 0;
  const flags = ['-mod=readonly', '-trimpath', '-v', '-o', part];
  const ldflags = `-s -w -X ${VERSION_FLAG}=${TEMPORAL_VERSION}`;
  const { code, lines } = await withProgress(
    'Temporal server: go build (first time about 7 minutes)',
    () => `${packages} packages compiled`,
    () =>
      runGo(['build', ...flags, '-ldflags', ldflags, PACKAGE], () => {
        packages += 1; // With -v, go prints one line for each package.
      }),
  );
  return code === 0 ? undefined : `go build ended with ${code}: ${tellingLine(lines)}`;
}

function runGo(args, onLine) {
  const log = join(setupFolder, `go-${args[0]}.log`);
  return runCommand('go', args, { cwd: MODULE, env: ENVIRONMENT, log, onLine });
}

/** Asked inside the module: a Go that fetches the toolchain a module wants answers with that. */
async function goVersion() {
  const { code, lines } = await runCommand('go', ['version'], { cwd: MODULE, env: ENVIRONMENT });
  const match = /go(\d+)\.(\d+)(?:\.(\d+))?/.exec(lines.join('\n'));
  return code === 0 && match !== null
    ? [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)]
    : undefined;
}

function isRecentGo(version) {
  const difference = version.map((part, at) => part - OLDEST_GO[at]).find((part) => part !== 0);
  return (difference ?? 0) >= 0;
}
