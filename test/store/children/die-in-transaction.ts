import { openPrismaBooks } from '../../../adapters/store/prisma/index.js';
import { ACCOUNT, alertRow, auditEntry, orderRow } from '../rows-fixture.js';

// Writes inside a transaction, says so, and never ends it.
const books = await openPrismaBooks({ file: process.argv[2] ?? '' });
await books.transaction(ACCOUNT, (tx) => tx.alerts.record(alertRow('committed')));
await books.transaction(ACCOUNT, async (tx) => {
  await tx.alerts.record(alertRow('never committed'));
  await tx.orders.create(orderRow('never-committed'));
  tx.audit(auditEntry('never committed'));
  process.stdout.write('inside\n');
  await new Promise((resolve) => process.stdin.resume().on('end', resolve));
});
