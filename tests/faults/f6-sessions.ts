import { setTimeout as sleep } from 'node:timers/promises';
import { type Person, signIn, signInAgain } from '../system/accounts.ts';
import { REDIS_AWAY } from './f6-redis.ts';
import type { StackFault } from './fault.ts';
import {
  askWith,
  claimsOf,
  makeAccount,
  revokeOnce,
  summarizeRevoked,
  WAYS,
  type Revoked,
} from './revoke.ts';
import type { System } from './system.ts';

const REVOKED_BEFORE = 5;

/** @throws Error when a gateway accepts a revoked session or refuses the live one */
const assertRefusals = async (system: System, gone: readonly Person[], live: Person): Promise<void> => {
  for (const at of system.urls.keys()) {
    for (const person of gone) {
      const { status } = await askWith(person, at);
      if (status !== 401) throw new Error(`a revoked session was answered ${status}`);
    }
    const { status } = await askWith(live, at);
    if (status !== 200) throw new Error(`a live session was answered ${status}`);
  }
};

export const sessionsWithoutRedis: StackFault = {
  on: 'stack',
  name: 'F6-sessions',
  title:
    'Redis stopped, flushed, paused: revoked sessions stay revoked, new revocations are as quick as ever',
  run: async (system, { seed }) => {
    const label = `f6s-${seed}-${Date.now()}`;
    const account = await makeAccount(system, label);
    const bystander = await makeAccount(system, `${label}-bystander`);
    const live = await signInAgain(system.urls, bystander);
    const admin = await signIn(system.urls, 'admin@example.com');
    const gone: Person[] = [];
    for (let count = 0; count < REVOKED_BEFORE; count++) {
      const person = await signInAgain(system.urls, bystander);
      const path = `/api/auth/sessions/${claimsOf(person.accessToken).sid}`;
      const { status } = await live.api.send('DELETE', path, undefined, count);
      if (status !== 204) throw new Error(`ending a session was answered ${status}`);
      gone.push(person);
    }
    const figures: string[] = [];
    for (const [name, { begin, end }] of Object.entries(REDIS_AWAY)) {
      await begin(system);
      try {
        await assertRefusals(system, gone, live);
        const all: Revoked[] = [];
        for (let index = 0; index < 2 * WAYS.length; index++)
          all.push(await revokeOnce(system, account, admin, index));
        await assertRefusals(system, gone, live);
        figures.push(`${name}: ${gone.length} stayed refused at every gateway, ${summarizeRevoked(all)}`);
      } finally {
        await end(system);
      }
      await system.ready();
      await sleep(500);
      await assertRefusals(system, gone, live);
    }
    return figures.join('; ');
  },
};
