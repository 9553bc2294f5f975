import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { ROOT } from '../support/root';

const SERVER = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

const TRY = `
const client = new (require('pg').Client)({ connectionString: process.argv[1], connectionTimeoutMillis: 3000 });
client.connect().then(() => client.end());
`;

/** Whether there is a server. Synchronous, because mocha collects specs before it runs them. */
export function isPostgresReachable(): boolean {
  try {
    execFileSync(process.execPath, ['-e', TRY, SERVER], { cwd: ROOT, stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** A new, empty database. Drop it after use. */
export async function temporaryDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `example_${randomBytes(8).toString('hex')}`;
  await query(`CREATE DATABASE ${name}`);
  const url = new URL(SERVER);
  url.pathname = name;
  return { url: url.href, drop: () => query(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function query(sql: string): Promise<void> {
  const client = new Client({ connectionString: SERVER });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
