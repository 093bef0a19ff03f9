import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runCommand, tellingLine } from '../command.mjs';
import { SetupFailure } from '../failure.mjs';
import { filesBelow, readStamp, sha256, writeStamp } from '../files.mjs';
import { root, setupFolder } from '../places.mjs';
import { withProgress } from '../progress.mjs';

const FOLDER = join(root, 'prisma');
const GENERATED = join(FOLDER, 'generated');
const STAMP = join(GENERATED, '.ordinis-client.json');
const PRISMA = join(root, 'node_modules', 'prisma', 'build', 'index.js');

/** The typed database client, generated from the models. Needs no network and no database. */
export const databaseClient = { name: 'database client', minutes: 0.2, isMissing, run };

function isMissing() {
  return configs().length > 0 && readStamp(STAMP)?.models !== modelsHash();
}

async function run() {
  const models = modelsHash();
  await withProgress(
    'database client: prisma generate',
    () => '',
    async () => {
      for (const config of configs()) {
        await generate(config);
      }
    },
  );
  writeStamp(STAMP, { models });
}

async function generate(config) {
  const { code, lines } = await runCommand(
    process.execPath,
    [PRISMA, 'generate', '--config', config],
    {
      log: join(setupFolder, 'database-client.log'),
      env: {
        // Generating needs no engine, but Prisma would fetch one from its own host. Any program
        // stands in for it.
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    },
  );
  if (code !== 0) {
    throw new SetupFailure(
      'database client',
      `expected prisma generate to succeed with ${relative(root, config)}, found exit code ` +
        `${code} (${tellingLine(lines)}); read .setup/database-client.log and mend the models`,
    );
  }
}

function configs() {
  const atRoot = join(root, 'prisma.config.ts');
  return existsSync(atRoot)
    ? [atRoot]
    : filesBelow(FOLDER, () => true).filter((path) => path.endsWith('.config.ts'));
}

function modelsHash() {
  const skip = (name) => name === 'generated' || name === 'migrations';
  const models = filesBelow(FOLDER, skip).filter((path) => path.endsWith('.prisma'));
  const inputs = [...models, ...configs(), join(root, 'package-lock.json')];
  return sha256(inputs.map((path) => `${path}\n${readFileSync(path, 'utf8')}`).join('\n'));
}
