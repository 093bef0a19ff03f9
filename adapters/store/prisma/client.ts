import type { Prisma } from '../../../prisma/generated/sqlite/client.js';

/** Whatever can run statements: a client, or the transaction that is open on the writer. */
export type Client = Prisma.TransactionClient;

/** A stored row without the number that the database gives it. */
export type Columns<Model> = Omit<Model, 'id'>;
