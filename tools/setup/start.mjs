import { setUp } from './setup.mjs';

// `npm start -- …` = `ordinis start …`, after what is missing was made. The program runs in this
// very process, so that signals reach it and its exit code is the command's.
await setUp({ program: true, temporal: true });
process.argv.splice(2, 0, 'start');
await import('../../dist/cli/main.js');
