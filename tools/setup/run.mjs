import { setUp } from './setup.mjs';

/** `node tools/setup/run.mjs build` makes the program, `temporal` the server, `all` both. */
const goals = {
  build: { program: true, temporal: false },
  temporal: { program: false, temporal: true },
  all: { program: true, temporal: true },
};
const [, , name = 'all'] = process.argv;
const goal = goals[name];
if (goal === undefined) {
  const known = Object.keys(goals).join(' or ');
  process.stderr.write(`setup: expected the goal ${known}, found ${name}\n`);
  process.exit(2);
}
await setUp(goal);
