import { randomBytes } from 'node:crypto';
import { connect, type ChannelModel } from 'amqplib';
import { throwAwayRabbit } from '../../broker/testing/rabbitmq.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { newId } from '../../broker/process/ids.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { DeadLetterRun } from '../../shared/contracts/admin/dead-letters.ts';
import type { ParamsOf } from '../../shared/contracts/contract.ts';
import { startAdmin, type AdminApp } from './testing/start-admin.ts';

const VISIBLE_WITHIN_MS = 2_000;
const reason = 'the database is up again';
const { lockoutLifted } = auth.events;

let app: AdminApp;
let model: ChannelModel | null = null;

type Letter = { id: string; payload: unknown };

/** An event that can be handled now. */
const letter = (): Letter => ({
  id: newId('event', Date.now()),
  payload: {
    subject: 'customer@example.com',
    kind: 'account',
    reason: 'phone',
    by: app.administrator.userId,
    at: new Date().toISOString(),
  },
});

const die = async (
  letters: readonly Letter[],
  cause = 'Error: no disk',
  name: string = lockoutLifted.name,
): Promise<void> => {
  const { version } = lockoutLifted;
  if (!model) {
    await app.service('admin').db.query(
      `insert into event_queue
         (id, event, version, payload, occurred_at, attempts, dead_at, first_failed_at, last_failed_at, cause)
       select id, $3, $4, payload, now(), 5, now(), now(), now(), $5
       from unnest($1::text[], $2::text[]) as one (id, payload)`,
      [
        letters.map(({ id }) => id),
        letters.map(({ payload }) => JSON.stringify(payload)),
        name,
        version,
        cause,
      ],
    );
    return;
  }
  const channel = await model.createConfirmChannel();
  const failed = new Date().toISOString();
  for (const { id, payload } of letters) {
    channel.sendToQueue('events.admin.dead', Buffer.from(JSON.stringify(payload)), {
      ...{ persistent: true, messageId: id, type: name, contentType: 'application/json', userId: 'test' },
      headers: {
        ...{ version, occurredAtMs: Date.now(), requestId: 'req_dead', publishedBy: 'test' },
        ...{ attempts: 5, cause, firstFailureAt: failed, lastFailureAt: failed },
      },
    });
  }
  await channel.waitForConfirms();
  await channel.close();
};

const list = (filters: ParamsOf<typeof admin.actions.deadLetters> = {}) =>
  app.call(admin.actions.deadLetters, { limit: 1_000, ...filters }, { as: app.administrator });
const areListed = (count: number, limitMs = VISIBLE_WITHIN_MS) =>
  eventually(async () => (await list()).matches === count, limitMs);
const idsOf = (letters: readonly Letter[]) => letters.map(({ id }) => `admin:${id}`);
const change = (act: 'replay' | 'discard', ids: string[], preview = false) =>
  app.call(admin.actions[`${act}DeadLetters`], { ids, reason, preview }, { as: app.administrator });
const finished = async (run: DeadLetterRun | null): Promise<DeadLetterRun> => {
  const { items } = await eventually(async () => {
    const runs = await app.call(admin.actions.deadLetterRuns, {}, { as: app.administrator });
    return runs.items.find(({ id }) => id === run?.id)?.finishedAt ? runs : false;
  }, 20_000);
  return items.find(({ id }) => id === run?.id) as DeadLetterRun;
};
const entriesOf = async (ids: readonly string[]): Promise<string[]> => {
  const rows = await app
    .service('admin')
    .db.query<{ id: string }>('select id from entries where id = any($1)', [ids]);
  return rows.map(({ id }) => id);
};

describe.each(['in one process', 'over RabbitMQ'])('dead letters %s', (mode) => {
  beforeAll(async () => {
    if (mode === 'in one process') app = await startAdmin();
    else {
      const { url } = await throwAwayRabbit();
      const key = () => randomBytes(32).toString('base64url');
      app = await startAdmin({ RABBITMQ_URL: url, SERVICE_KEY_ADMIN: key(), SERVICE_KEY_AUTH: key() });
      model = await connect(url);
    }
    await eventually(() => list().catch(() => false), 10_000);
  }, 90_000);
  afterAll(async () => {
    await model?.close();
    await app.stop();
  }, 30_000);

  it('are visible within two seconds, with cause and attempts, and found by filters', async () => {
    const [first, second] = [letter(), letter()];
    await die([first]);
    await areListed(1);
    await die([second], 'Error: quota exceeded');
    await areListed(2);
    const { items, services } = await list({ q: 'QUOTA' });
    expect(items).toMatchObject([
      {
        ...{ id: `admin:${second.id}`, service: 'admin', event: 'auth.lockout-lifted', attempts: 5 },
        ...{ cause: 'Error: quota exceeded', lastFailureAt: expect.any(String) },
      },
    ]);
    expect(services).toContainEqual({ service: 'admin', dead: 2, reachable: true });
    // A service that handles events and does not run: nobody knows its dead letters.
    expect(services).toContainEqual({ service: 'realtime', dead: 0, reachable: false });
    expect((await list({ service: 'payments' })).matches).toBe(0);
    const page = await list({ limit: 1 });
    const next = await list({ limit: 1, cursor: page.nextCursor ?? '' });
    expect([...page.items, ...next.items].map(({ eventId }) => eventId)).toEqual([second.id, first.id]);
    expect(next.nextCursor).toBeNull();
    await finished((await change('discard', idsOf([first, second]))).run);
    await areListed(0);
    expect(await entriesOf([first.id, second.id])).toEqual([]);
  });

  it('show their payload without secrets, and nothing of what is not JSON', async () => {
    const secret = {
      id: newId('event', Date.now()),
      payload: { userId: 'usr_1', refreshToken: 'rt_secret' },
    };
    await die([secret]);
    await areListed(1);
    const read = (id: string) => app.call(admin.actions.deadLetter, { id }, { as: app.administrator });
    const { payload, cause } = await read(`admin:${secret.id}`);
    expect(JSON.parse(payload ?? '')).toEqual({ userId: 'usr_1', refreshToken: '[removed]' });
    expect(cause).toBe('Error: no disk');
    await expect(read('admin:evt_none')).rejects.toMatchObject({ code: 'dead_letter_not_found' });
    await finished((await change('discard', idsOf([secret]))).run);
  });

  it.each([
    [
      'text',
      '{"data":{"password":"abc","user":{"id":"old"}}}',
      '{"data":{"password":"[removed]","user":{"id":"old"}}}',
    ],
    ['text', '{"password":"abc"', '"[removed]"'],
    ['base64', Buffer.from('{"password":"abc"}').toString('base64'), '"[removed]"'],
  ])('a refused message of POC-2 is shown without secrets, its %s %s', async (field, value, shown) => {
    const refused = { id: newId('event', Date.now()), payload: { channel: 'user:login', [field]: value } };
    await areListed(0);
    await die([refused], 'it is not UTF-8', 'poc2-bridge.refused');
    await areListed(1);
    const id = `admin:${refused.id}`;
    const { payload } = await app.call(admin.actions.deadLetter, { id }, { as: app.administrator });
    const { [field]: seen, ...rest } = JSON.parse(payload ?? '') as Record<string, string>;
    expect(rest).toEqual({ channel: 'user:login' });
    const isJson = seen?.startsWith('{');
    expect(isJson ? JSON.parse(seen ?? '') : seen).toEqual(JSON.parse(shown));
    await finished((await change('discard', idsOf([refused]))).run);
    await areListed(0);
  });

  it('five hundred are replayed, each is handled once, and the order is audited', async () => {
    const letters = Array.from({ length: 500 }, letter);
    await die(letters);
    await areListed(500, 5_000);
    const ids = [...idsOf(letters), 'admin:evt_none'];
    const preview = await change('replay', ids, true);
    expect(preview).toEqual({
      run: null,
      found: [{ service: 'admin', event: 'auth.lockout-lifted', count: 500 }],
      missing: ['admin:evt_none'],
    });
    expect((await list()).matches).toBe(500);
    const { run } = await change('replay', ids);
    expect(await finished(run)).toMatchObject({ count: 500, done: 500, gone: 0, problem: null });
    const wanted = letters.map(({ id }) => id).sort();
    await eventually(async () => (await entriesOf(wanted)).length === 500, 30_000);
    expect((await entriesOf(wanted)).sort()).toEqual(wanted);
    await areListed(0);
    const isAudited = async () => (await app.list({ target: run?.id ?? '' })).length === 1;
    await eventually(isAudited, 10_000);
    const [entry] = await app.list({ target: run?.id ?? '' });
    expect(entry).toMatchObject({
      ...{ action: 'admin.dead-letters-replayed', reason },
      actor: { id: app.administrator.userId },
      target: { type: 'deadLetterRun' },
    });
  }, 60_000);

  it('that are gone meanwhile are counted as gone, and none at all is an error', async () => {
    const [one, other] = [letter(), letter()];
    // Ordered at once: what was seen of the queues before does not count.
    await die([one, other]);
    const [first, second] = await Promise.all([
      change('discard', idsOf([one, other])),
      change('discard', idsOf([one, other])),
    ]);
    const runs = await Promise.all([finished(first.run), finished(second.run)]);
    expect(runs.map(({ done, gone }) => done + gone)).toEqual([2, 2]);
    expect(runs[0]!.done + runs[1]!.done).toBe(2);
    await expect(change('replay', idsOf([one]))).rejects.toMatchObject({ code: 'dead_letter_not_found' });
  });
});
