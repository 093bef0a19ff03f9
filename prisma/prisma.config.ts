import { defineConfig } from 'prisma/config';

/** Generates the client of the SQLite head: `prisma generate --config prisma/prisma.config.ts`. */
export default defineConfig({ schema: './sqlite' });
