import { inParallel, payment, seeded, signIn, sleep, type Answer } from './client.ts';
import type { Copy } from './copy.ts';

/**
 * A fault: runs against a started copy and says what it saw; throws when a promise is broken before the
 * oracle asks.
 */
export type Scenario = { title: string; run(copy: Copy, seed: number): Promise<string> };

const RETRY_MS = 100;
const RETRY_LIMIT_MS = 20_000;

/** Tries with the same key until there is an answer, as a good client does. */
const insist = async (ask: () => Promise<Answer>): Promise<{ answer: Answer; tries: number }> => {
  const endMs = Date.now() + RETRY_LIMIT_MS;
  for (let tries = 1; ; tries++) {
    const answer = await ask().catch(() => null);
    if (answer && answer.status < 500 && answer.status !== 409) return { answer, tries };
    if (Date.now() > endMs) throw new Error(`no answer after ${tries} tries`);
    await sleep(RETRY_MS);
  }
};

const kill: Scenario = {
  title: 'kill -9 at a random moment during 200 payments, clients retry with the same key',
  run: async (copy, seed) => {
    const random = seeded(seed);
    const client = await signIn(copy.url);
    const killAt = 20 + Math.floor(random() * 160);
    let answered = 0;
    let restarted: Promise<number> | null = null;
    const restart = async () => {
      await sleep(random() * 20);
      await copy.kill();
      const startedMs = Date.now();
      await copy.start();
      return Date.now() - startedMs;
    };
    let retried = 0;
    await inParallel(200, 10, async (index) => {
      const key = `kill-${seed}-${index}`;
      if (answered === killAt) restarted ??= restart();
      const ask = () => client.post('/api/payments', payment(100 + index), { 'idempotency-key': key });
      const { answer, tries } = await insist(ask);
      copy.ack(key, String(answer.body['id']), answer.status);
      if (answer.status !== 201) throw new Error(`${key} answered ${answer.status}: ${answer.text}`);
      answered += 1;
      if (tries > 1) retried += 1;
    });
    const backMs = await (restarted ?? restart());
    return `killed after ${killAt} of 200, ${retried} retried, ready again in ${backMs} ms`;
  },
};

const keys: Scenario = {
  title: '1,000 POSTs at once over 100 keys',
  run: async (copy, seed) => {
    const client = await signIn(copy.url);
    const bodies = new Map<string, Set<string>>();
    const counts = { first: 0, replayed: 0, conflict: 0 };
    await inParallel(1_000, 64, async (index) => {
      const key = `keys-${seed}-${index % 100}`;
      const answer = await client.post('/api/payments', payment(500 + (index % 100)), {
        'idempotency-key': key,
      });
      if (answer.status === 409) {
        counts.conflict += 1;
        return;
      }
      if (answer.status !== 201) throw new Error(`${key} answered ${answer.status}: ${answer.text}`);
      copy.ack(key, String(answer.body['id']), answer.status);
      counts[answer.replayed ? 'replayed' : 'first'] += 1;
      bodies.set(key, (bodies.get(key) ?? new Set()).add(answer.text));
    });
    const differing = [...bodies].filter(([, texts]) => texts.size !== 1);
    if (counts.first !== 100 || bodies.size !== 100 || differing.length > 0) {
      throw new Error(`${counts.first} first answers, ${differing.length} keys with more than one body`);
    }
    return `100 payments, ${counts.replayed} replays byte for byte, ${counts.conflict} answered 409`;
  },
};

const cancel: Scenario = {
  title: 'cancel raced against the processor 200 times',
  run: async (copy, seed) => {
    const random = seeded(seed);
    const client = await signIn(copy.url);
    const seen: Record<string, number> = {};
    await inParallel(200, 8, async (index) => {
      const key = `cancel-${seed}-${index}`;
      const opened = await client.post('/api/payments', payment(1_000 + index), { 'idempotency-key': key });
      const id = String(opened.body['id']);
      copy.ack(key, id, opened.status);
      await sleep(random() * 40);
      const { status } = await client.post(`/api/payments/${id}/cancel`);
      const endMs = Date.now() + RETRY_LIMIT_MS;
      let last = '';
      do {
        last = String((await client.get(`/api/payments/${id}`)).body['status']);
        if (last === 'cancelled' || last === 'completed') break;
        await sleep(20);
      } while (Date.now() < endMs);
      const consistent = (status === 200 && last === 'cancelled') || (status === 409 && last === 'completed');
      if (!consistent) throw new Error(`cancel of ${id} answered ${status}, the payment ended ${last}`);
      seen[last] = (seen[last] ?? 0) + 1;
    });
    return `${seen['cancelled'] ?? 0} cancelled, ${seen['completed'] ?? 0} completed, none both`;
  },
};

const processor: Scenario = {
  title: 'the processor fails: timeout and 500 after charging, 500 before, webhooks twice, early and never',
  run: async (copy, seed) => {
    const client = await signIn(copy.url);
    const faults = [
      { failAfterCharging: 'timeout' },
      { failAfterCharging: '500' },
      { failBefore: '500' },
      { webhooks: 'twice' },
      { webhooks: 'before-answer' },
      { webhooks: 'never' },
    ];
    for (const [number, fault] of faults.entries()) {
      await copy.misbehave({ ...fault, times: 2 });
      await inParallel(4, 4, async (index) => {
        const key = `processor-${seed}-${number}-${index}`;
        const opened = await client.post('/api/payments', payment(2_000 + number), {
          'idempotency-key': key,
        });
        const id = String(opened.body['id']);
        copy.ack(key, id, opened.status);
        await insist(async () => {
          const answer = await client.get(`/api/payments/${id}`);
          return answer.body['status'] === 'completed' ? answer : { ...answer, status: 599 };
        });
      });
    }
    await copy.misbehave(null);
    return `${faults.length * 4} payments completed under ${faults.length} faults`;
  },
};

export const SCENARIOS: Readonly<Record<string, Scenario>> = { kill, keys, cancel, processor };
