import { signIn } from '../system/accounts.ts';
import type { Api } from '../system/client.ts';
import { inParallel } from '../system/timing.ts';
import { payment } from './load.ts';
import type { InstanceFault, Run, StackFault, Target } from './fault.ts';

/** 1,000 requests at once over 100 keys: each key has one response body, byte for byte. */
const raceKeys = async (target: Target, { seed }: Run): Promise<string> => {
  const client = await signIn(target.urls);
  const bodies = new Map<string, Set<string>>();
  const counts = { first: 0, replayed: 0, conflict: 0 };
  await inParallel(1_000, 64, async (index) => {
    const key = `keys-${seed}-${index % 100}`;
    const body = payment(500 + (index % 100));
    const answer = await client.post('/api/payments', body, { 'idempotency-key': key }, index);
    if (answer.status === 409) {
      counts.conflict += 1;
      return;
    }
    if (answer.status !== 201) throw new Error(`${key} answered ${answer.status}: ${answer.text}`);
    target.ack(key, String(answer.body['id']), answer.status);
    counts[answer.replayed ? 'replayed' : 'first'] += 1;
    bodies.set(key, (bodies.get(key) ?? new Set()).add(answer.text));
  });
  const differing = [...bodies].filter(([, texts]) => texts.size !== 1);
  if (counts.first !== 100 || bodies.size !== 100 || differing.length > 0) {
    throw new Error(`${counts.first} first answers, ${differing.length} keys with more than one body`);
  }
  return `100 payments, ${counts.replayed} replays byte for byte, ${counts.conflict} answered 409`;
};

const statusOf = async (client: Api, key: string, amountMinor: number) =>
  (await client.post('/api/payments', payment(amountMinor), { 'idempotency-key': key })).status;

export const sameKey: StackFault = {
  on: 'stack',
  name: 'F8-same-key',
  title: 'the same key 50 times at once at both gateways; another body; another caller; 1,000 over 100 keys',
  run: async (system, run) => {
    const [customer, vendor] = [await signIn(system.urls), await signIn(system.urls, 'bakery@example.com')];
    const key = `f8-${run.seed}`;
    const seen: Record<string, number> = {};
    const texts = new Set<string>();
    await inParallel(50, 50, async (index) => {
      const headers = { 'idempotency-key': key };
      const answer = await customer.post('/api/payments', payment(4_242), headers, index);
      const name = answer.replayed ? 'replay' : String(answer.status);
      seen[name] = (seen[name] ?? 0) + 1;
      if (answer.status === 409) return;
      if (answer.status !== 201) throw new Error(`${key} answered ${answer.status}: ${answer.text}`);
      texts.add(answer.text);
      system.ack(key, String(answer.body['id']), answer.status);
    });
    if (seen['201'] !== 1 || texts.size !== 1)
      throw new Error(`${seen['201']} first answers, ${texts.size} bodies for one key`);
    const otherBody = await statusOf(customer, key, 4_243);
    if (otherBody !== 422) throw new Error(`another body under the same key answered ${otherBody}`);
    const otherCaller = await statusOf(vendor, key, 4_242);
    if (otherCaller !== 201) throw new Error(`the same key of another caller answered ${otherCaller}`);
    const raced = await raceKeys(system, run);
    const { 201: first, replay = 0, 409: conflict = 0 } = seen;
    return `${first} created, ${replay} replays, ${conflict} × 409; 422; independent; ${raced}`;
  },
};

export const sameKeyInstance: InstanceFault = {
  on: 'instance',
  name: 'F8-same-key-instance',
  title: '1,000 POSTs at once over 100 keys on an embedded instance',
  run: raceKeys,
};
