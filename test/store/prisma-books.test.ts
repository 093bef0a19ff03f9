import { openPrisma } from './open-books.js';
import { describeOrders } from './orders.contract.js';
import { describeRepositories } from './repositories.contract.js';
import { describeTransactions } from './transactions.contract.js';

describeTransactions('prisma on sqlite', openPrisma);
describeOrders('prisma on sqlite', openPrisma);
describeRepositories('prisma on sqlite', openPrisma);
