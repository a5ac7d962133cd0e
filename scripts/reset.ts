// Deletes all data of the instance on this PORT.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { processEnv } from '../broker/process/config.ts';
import { dataFolderOf, portOf } from '../broker/process/data-folder.ts';
import { isPortFree } from '../broker/postgres/embedded-folder.ts';
import { removeEmbeddedPostgres } from '../broker/postgres/embedded.ts';

const confirmed = async (question: string): Promise<boolean> => {
  if (process.argv.includes('--yes')) return true;
  if (!process.stdin.isTTY) throw new Error('Without a terminal, confirm with `npm run reset -- --yes`.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
};

const reset = async (): Promise<string> => {
  const env = processEnv();
  const port = portOf(env);
  const folder = dataFolderOf(env);
  if (!existsSync(folder)) return `There is no data of an instance on port ${port}.`;
  if (!(await isPortFree(port))) {
    throw new Error(`Something listens on port ${port}. Stop that instance first (Ctrl-C in its terminal).`);
  }
  if (!(await confirmed(`Delete all data in ${folder}?`))) return 'Nothing was deleted.';
  const postgres = join(folder, 'postgres');
  if (existsSync(postgres)) await removeEmbeddedPostgres(postgres);
  rmSync(folder, { recursive: true, force: true });
  return `Deleted ${folder}.`;
};

try {
  console.log(await reset());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
