export * from './backup.js';
export * from './backup-names.js';
export * from './books.js';
export * from './database.js';
export type { TaskAnswer } from './database-task.js';
