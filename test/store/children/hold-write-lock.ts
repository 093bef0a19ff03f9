import Sqlite from 'better-sqlite3';

// Holds the write lock of a database until its input ends.
const database = new Sqlite(process.argv[2], { timeout: 5_000 });
database.exec('BEGIN IMMEDIATE');
process.stdout.write('locked\n');
process.stdin.resume().on('end', () => {
  database.exec('ROLLBACK');
  database.close();
});
