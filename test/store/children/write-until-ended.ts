import { openPrismaBooks } from '../../../adapters/store/prisma/index.js';
import { usd } from '../../../domain/values/index.js';
import { ACCOUNT } from '../rows-fixture.js';

// Adds one to the account's fees again and again, until its input ends; then says how often.
const books = await openPrismaBooks({ file: process.argv[2] ?? '' });
let ended = false;
process.stdin.resume().on('end', () => {
  ended = true;
});
process.stdout.write('writing\n');
let written = 0;
while (!ended) {
  await books.transaction(ACCOUNT, async (tx) => {
    tx.account.set({ fees: usd(tx.account.get().fees + 1) });
  });
  written += 1;
  await new Promise((resolve) => setTimeout(resolve, 2)); // A lock is not handed on in turn.
}
process.stdout.write(`${written}\n`);
await books.close();
