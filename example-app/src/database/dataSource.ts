import path from 'node:path';
import libsql from 'libsql';
import { DataSource } from 'typeorm';
import { User } from '../users/User';
import { CreateTables1795000000000 } from './CreateTables1795000000000';

const url = process.env['DATABASE_URL'];
const file = process.env['DATABASE_FILE'] ?? path.join(__dirname, '../../data.sqlite');

/** PostgreSQL if `DATABASE_URL` is set, else a SQLite file. */
export const dataSource = new DataSource({
  // libsql is SQLite with the API of better-sqlite3, and installs without a compiler.
  ...(url ? { type: 'postgres', url } : { type: 'better-sqlite3', driver: libsql, database: file }),
  entities: [User],
  // Not `synchronize`: it drops a column with its data when an entity loses one.
  migrations: [CreateTables1795000000000],
  migrationsRun: true,
});
