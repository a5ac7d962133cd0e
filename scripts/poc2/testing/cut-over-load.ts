// Writes to POC-2 while it is cut over, and compares what was acknowledged with what Payloom has then.
//   node scripts/poc2/testing/cut-over-load.ts SOURCE_URL STACK [WRITES_PER_SECOND]
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readState, folderOf } from '../../stack/folder.ts';
import { findAddresses } from '../copy/places.ts';
import { closeTargets, openTargets } from '../copy/targets.ts';
import { FENCED } from '../follow/change-log-sql.ts';
import { lostIn, startWriting } from './poc2-app.ts';

const [url = '', stack = 'default', rate = '50'] = process.argv.slice(2);
const { base } = readState(folderOf(stack)) ?? { base: 0 };

/** Whether Payloom takes a write. */
const takesWrite = async (): Promise<boolean> => {
  const email = `after-${randomBytes(6).toString('hex')}@example.com`;
  const body = JSON.stringify({ email, password: 'Acceptable-1-Password', name: 'After', role: 'CUSTOMER' });
  const answer = await fetch(`http://localhost:${base + 1}/api/auth/register`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body },
    signal: AbortSignal.timeout(2_000),
  }).catch(() => null);
  return answer?.ok === true;
};

const app = await startWriting(url, Number(rate));
while (!app.acknowledged.refused.has(FENCED)) await sleep(20);
while (!(await takesWrite())) await sleep(50);
const withoutWritesS = ((performance.now() - app.lastMs()) / 1_000).toFixed(2);
await app.stop();
const { env, close } = await findAddresses(stack, true);
const targets = await openTargets(env);
const lost = await lostIn(targets, app.acknowledged);
await closeTargets(targets);
await close();
const { users, payments } = app.acknowledged;
console.log(`${users.size} users and ${payments.size} payments acknowledged, ${lost.length} lost`);
console.log(`${withoutWritesS} s from POC-2's last write to the first that Payloom took`);
for (const id of lost.slice(0, 20)) console.log(`  lost: ${id}`);
process.exitCode = lost.length === 0 ? 0 : 1;
