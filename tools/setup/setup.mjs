import { join } from 'node:path';
import { endCommands, endCommandsOnSignals } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { findTemporal } from './find-temporal.mjs';
import { withLock } from './lock.mjs';
import { setupFolder } from './places.mjs';
import { say } from './progress.mjs';
import { compiled } from './steps/compiled.mjs';
import { databaseClient } from './steps/database-client.mjs';
import { packages } from './steps/packages.mjs';
import { temporalServer } from './steps/temporal-server.mjs';

const OLDEST_NODE = [20, 19];

/** Each of these needs the one before. The Temporal server needs none, so it is made beside. */
const CHAIN = [packages, databaseClient, compiled];

/**
 * Makes what is missing on this machine and nothing else; with nothing missing it says nothing and
 * takes a moment. Says what it does on standard error. Ends the process with code 1 and one line
 * when something cannot be made.
 * @param {{ program: boolean, temporal: boolean }} goal the built program, a Temporal server, both
 * @returns {Promise<void>} with ORDINIS_TEMPORAL_BIN set to the program that was found
 */
export async function setUp({ program, temporal }) {
  const undo = endCommandsOnSignals();
  try {
    requireNode();
    const missing = program ? CHAIN.filter((step) => step.isMissing()) : [];
    const server = temporal && (await temporalServer.isMissing());
    if (missing.length > 0 || server) {
      announce(missing, server);
      await Promise.all([
        missing.length > 0 ? makeChain() : undefined,
        server ? temporalServer.run() : undefined,
      ]);
      say('everything is there');
    }
    if (temporal) {
      await passOnTemporal();
    }
  } catch (error) {
    if (!(error instanceof SetupFailure)) {
      throw error;
    }
    endCommands();
    process.stderr.write(`setup failed: ${error.message}\n`);
    process.exit(1);
  } finally {
    undo();
  }
}

async function makeChain() {
  await withLock(join(setupFolder, 'lock'), async () => {
    for (const step of CHAIN) {
      if (step.isMissing()) {
        await step.run();
      }
    }
  });
}

/** The configuration reads the environment, so that is where the found program is named. */
async function passOnTemporal() {
  const found = await findTemporal();
  if (found !== undefined && 'binary' in found) {
    process.env.ORDINIS_TEMPORAL_BIN = found.binary;
  }
}

function announce(missing, server) {
  const minutes = Math.ceil(missing.reduce((sum, step) => sum + step.minutes, 0));
  const names = missing.map((step) => step.name);
  const parts = names.length > 0 ? [`${names.join(', ')} (about ${minutes} min)`] : [];
  if (server) {
    parts.push(`${temporalServer.name} (download about 1 min, else built with Go in about 11 min)`);
  }
  say(`missing: ${parts.join('; ')}`);
}

function requireNode() {
  const found = process.versions.node.split('.').map(Number);
  const [major, minor] = OLDEST_NODE;
  if (found[0] < major || (found[0] === major && found[1] < minor)) {
    throw new SetupFailure(
      'Node',
      `expected version ${OLDEST_NODE.join('.')} or newer, found ${process.versions.node}; ` +
        'install a current one from https://nodejs.org',
    );
  }
}
