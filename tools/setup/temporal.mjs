import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readStamp } from './files.mjs';
import { root } from './places.mjs';
import { setUp } from './setup.mjs';

// `npm run temporal -- workflow signal …` runs the Temporal CLI against the running instance:
// address and namespace come from data/run.json, and options on the command line go before them.
const { args, dataFolder } = takeDataFolder(process.argv.slice(2));
const address = process.env.ORDINIS_TEMPORAL_ADDRESS;
// A server elsewhere needs no program here to serve, but this command is that program.
delete process.env.ORDINIS_TEMPORAL_ADDRESS;
await setUp({ program: false, temporal: true });
const running = readStamp(join(dataFolder, 'run.json'));
const speaksToServer =
  args.length > 0 && !args.some((arg) => /^(--?h(elp)?|--?v(ersion)?)$/.test(arg));
if (running === undefined && address === undefined && speaksToServer) {
  process.stderr.write(
    `temporal: expected ${join(dataFolder, 'run.json')} of a running Ordinis, found none; ` +
      'run "npm start", or name its folder with --data-dir\n',
  );
  process.exit(2);
}
const child = spawn(process.env.ORDINIS_TEMPORAL_BIN, args, {
  stdio: 'inherit',
  env: {
    ...process.env,
    TEMPORAL_ADDRESS: running?.temporalAddress ?? address ?? '',
    TEMPORAL_NAMESPACE: running?.namespace ?? 'ordinis',
  },
});
child.once('close', (code) => process.exit(code ?? 1));

function takeDataFolder(given) {
  const at = given.findIndex((arg) => arg === '--data-dir' || arg.startsWith('--data-dir='));
  if (at === -1) {
    return { args: given, dataFolder: join(root, 'data') };
  }
  const [, value] = given[at].split('=');
  const rest = [...given.slice(0, at), ...given.slice(at + (value === undefined ? 2 : 1))];
  return { args: rest, dataFolder: value ?? given[at + 1] ?? '' };
}
