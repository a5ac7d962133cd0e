// `npm run contracts`: what the documents say, and what changes break. See HELP.
import { check } from './check.ts';
import { ClientsFailed, payWithClients } from './clients.ts';
import { NoSuchRef } from './contracts-at.ts';
import { diff } from './diff.ts';

const HELP = `npm run contracts -- COMMAND
  check        checks the OpenAPI document with Spectral and the AsyncAPI document with its official
               parser, which are installed apart
  diff [REF]   what breaks clients, may surprise them, or is new since a commit, branch or tag; by
               default since the API's present version began (shared/contracts/version.ts). Ends
               with 1 where something breaks clients and the version is the same
  clients [URL]  makes types of an instance's OpenAPI document in TypeScript and Python, compiles a
               program with each, and pays with both from the demo account; pays with four
                 clients of GraphQL too`;

const [command, ref, ...rest] = process.argv.slice(2);

const run = (): Promise<boolean> | null => {
  if (command === 'check' && ref === undefined) return check();
  if (command === 'diff' && rest.length === 0) return diff(ref);
  if (command === 'clients' && rest.length === 0) return payWithClients(ref).then(() => true);
  return null;
};

try {
  const ok = await run();
  if (ok === null) console.log(HELP);
  if (ok === null && command !== 'help') process.exitCode = 2;
  if (ok === false) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof NoSuchRef || error instanceof ClientsFailed)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
