import { join } from 'node:path';
import { readStamp } from './files.mjs';
import { handOver } from './hand-over.mjs';
import { root } from './places.mjs';
import { setUp } from './setup.mjs';

// `npm run temporal -- workflow signal …` runs the Temporal CLI against the running instance:
// address and namespace come from run.json in its data folder, which is named as for `ordinis`, and
// options on the command line go before them.
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
handOver(process.env.ORDINIS_TEMPORAL_BIN, args, {
  TEMPORAL_ADDRESS: running?.temporalAddress ?? address ?? '',
  TEMPORAL_NAMESPACE: running?.namespace ?? 'ordinis',
});

function takeDataFolder(given) {
  const at = given.findIndex((arg) => arg === '--data-dir' || arg.startsWith('--data-dir='));
  if (at === -1) {
    return { args: given, dataFolder: process.env.ORDINIS_DATA_DIR || join(root, 'data') };
  }
  const isOneWord = given[at] !== '--data-dir';
  const dataFolder = isOneWord ? given[at].slice('--data-dir='.length) : (given[at + 1] ?? '');
  if (dataFolder === '') {
    process.stderr.write('temporal: expected --data-dir to name a folder, found none; name one\n');
    process.exit(2);
  }
  return { args: [...given.slice(0, at), ...given.slice(at + (isOneWord ? 1 : 2))], dataFolder };
}
