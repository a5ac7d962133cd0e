import type { Caller } from '../../broker/calls/envelope.ts';
import { AppError } from '../../broker/calls/errors.ts';
import { subscribe } from '../../broker/events/inbox.ts';
import { newId } from '../../broker/process/ids.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { fakeService } from '../../broker/testing/fake-service.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../broker/testing/start-services.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { contract, type PayloadOf } from '../../shared/contracts/contract.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { claimDueExport } from './persistence/exports.ts';
import { service as profileService } from './profile.service.ts';
import { newUser } from './testing/users.ts';

const { dataExport, downloadExport, exportData, saveDetails } = profile.actions;
const PAGES = 4;
const at = '2026-11-23T09:30:00.000Z';

/** What the other services are asked, and how they answer. */
const asked: string[] = [];
const wrong = { payments: null as AppError | null };
let hold: Promise<void> | null = null;

/** The items of page `cursor` of a list of `PAGES` pages. */
const pageOf = <T>(cursor: string | undefined, itemOf: (index: number) => T) => {
  const page = Number(cursor ?? 0);
  const items = [0, 1].map((n) => itemOf(page * 2 + n));
  return { items, nextCursor: page + 1 < PAGES ? String(page + 1) : null };
};

const party = { id: newId('user', 0), name: 'Vera', email: 'vera@example.com' };

const others: AnyServiceDefinition[] = [
  fakeService(auth, {
    findUser: async (_service, { params }) => ({
      user: {
        id: (params as { id: Caller['userId'] }).id,
        ...{ email: 'ada@example.com', name: 'Ada', role: 'CUSTOMER', status: 'active', version: 7 },
        createdAt: at,
      } as never,
    }),
    sessionsOf: async () => ({ items: [], nextCursor: null }),
  }),
  fakeService(realtime, {
    notificationsOf: async (_service, { params }) =>
      pageOf(params.cursor, (index) => ({
        id: newId('notification', index),
        content: { type: 'password_changed' as const },
        read: false,
        createdAt: at,
      })),
  }),
  // Alone: answers of others are cached, which a fake cannot clear.
  fakeService(
    { ...payments, actions: { paymentsOf: payments.actions.paymentsOf } },
    {
      paymentsOf: async (_service, { params }) => {
        asked.push(`${params.userId} ${params.cursor ?? 'first'}`);
        await hold;
        if (wrong.payments) throw wrong.payments;
        return pageOf(params.cursor, (index) => ({
          id: newId('payment', index),
          ...{
            status: 'completed' as const,
            amountMinor: 1_250,
            currency: 'EUR' as const,
            payer: party,
            payee: party,
          },
          ...{
            payer: party,
            payee: party,
            paymentMethod: 'visa',
            description: null,
            metadata: {},
            failure: null,
            version: 3,
          },
          ...{ createdAt: at, updatedAt: at },
        }));
      },
    },
  ),
];

const received: PayloadOf<typeof profile.events.exportFinished>[] = [];
const subscriber: AnyServiceDefinition = {
  ...fakeService(contract('subscriber', { actions: {}, events: {} })),
  broadcast: [
    subscribe(profile.events.exportFinished, async (_service, { payload }) => void received.push(payload)),
  ],
};

let app: TestServices;
beforeAll(async () => {
  app = await startServices([profileService, ...others, subscriber]);
});
afterAll(() => app.stop());
afterEach(() => {
  wrong.payments = null;
  hold = null;
});

const sql = (text: string, values: unknown[] = []) => app.service('profile').db.query(text, values);
const start = (as: Caller) => app.call(exportData, {}, { as });
const read = async (as: Caller) => (await app.call(dataExport, {}, { as })).export;
const ready = (as: Caller) =>
  eventually(async () => {
    const found = await read(as);
    return found?.state === 'ready' && found;
  });
const download = async (as: Caller): Promise<string> => {
  const texts: string[] = [];
  for (let cursor: string | null = '0'; cursor !== null;) {
    const part: { text: string; nextCursor: string | null } = await app.call(
      downloadExport,
      { cursor },
      { as },
    );
    texts.push(part.text);
    cursor = part.nextCursor;
  }
  return texts.join('');
};
const askedFor = ({ userId }: Caller) => asked.filter((one) => one.startsWith(userId));

describe('an export', () => {
  it('is null before it is asked for, and cannot be downloaded', async () => {
    const ada = newUser();
    expect(await read(ada)).toBeNull();
    await expect(app.call(downloadExport, {}, { as: ada })).rejects.toMatchObject({
      code: 'export_not_ready',
    });
  });

  it('has everything of its user, page by page, as one JSON object', async () => {
    const ada = newUser();
    await app.call(saveDetails, { version: 0, city: 'London' }, { as: ada });
    expect(await start(ada)).toMatchObject({ state: 'running', expiresAt: null });
    const { sizeBytes, items, expiresAt, ...rest } = await ready(ada);
    const text = await download(ada);
    expect(rest).toMatchObject({ sectionsDone: 5, sections: 5 });
    expect({ sizeBytes, items }).toEqual({ sizeBytes: Buffer.byteLength(text), items: 4 * PAGES });
    expect(Date.parse(expiresAt ?? '') - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const file = JSON.parse(text) as Record<string, unknown[]>;
    expect(file).toMatchObject({
      format: 'payloom-data-1',
      account: { id: ada.userId, email: 'ada@example.com' },
      sessions: [],
      profile: { city: 'London', avatar: null, preferences: { theme: 'system' } },
    });
    expect(file['account']).not.toHaveProperty('version');
    expect(file['payments']).toHaveLength(2 * PAGES);
    expect(file['notifications']).toHaveLength(2 * PAGES);
    expect(askedFor(ada)).toHaveLength(PAGES);
    await eventually(() => expect(received.filter(({ userId }) => userId === ada.userId)).toHaveLength(1));
  });

  it('belongs to its user', async () => {
    const [ada, bob] = [newUser(), newUser()];
    await start(ada);
    await ready(ada);
    expect(await read(bob)).toBeNull();
    await expect(app.call(downloadExport, {}, { as: bob })).rejects.toMatchObject({
      code: 'export_not_ready',
    });
  });

  it('is one at a time, also when two are asked for at once; a ready one is replaced', async () => {
    const ada = newUser();
    let release = (): void => {};
    hold = new Promise((resolve) => (release = resolve));
    const results = await Promise.allSettled([start(ada), start(ada), start(ada)]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(start(ada)).rejects.toMatchObject({ code: 'export_running' });
    release();
    const first = await ready(ada);
    await start(ada);
    const second = await ready(ada);
    expect(second.requestedAt > first.requestedAt).toBe(true);
    expect(
      await sql('select from export_parts p join exports e on e.id = p.export where e.user_id = $1', [
        ada.userId,
      ]),
    ).toHaveLength(3 + 2 * PAGES);
  });

  it('is gone a day after it was ready', async () => {
    const ada = newUser();
    await start(ada);
    await ready(ada);
    await sql(`update exports set expires_at = now() - interval '1 second' where user_id = $1`, [ada.userId]);
    expect(await read(ada)).toBeNull();
    await expect(app.call(downloadExport, {}, { as: ada })).rejects.toMatchObject({
      code: 'export_not_ready',
    });
  });

  it('refuses a cursor that it has not given', async () => {
    const ada = newUser();
    await start(ada);
    await ready(ada);
    for (const cursor of ['x', '-1', '999'])
      await expect(app.call(downloadExport, { cursor }, { as: ada })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
  });
});

describe('a step that fails', () => {
  it('is tried again, and the pages before it are not read again', async () => {
    const ada = newUser();
    wrong.payments = new AppError('unavailable');
    await start(ada);
    await eventually(() => expect(askedFor(ada).length).toBeGreaterThan(0));
    await eventually(async () =>
      expect(await read(ada)).toMatchObject({ state: 'running', sectionsDone: 4 }),
    );
    wrong.payments = null;
    await sql('update exports set due_at = now() where user_id = $1', [ada.userId]);
    await ready(ada);
    expect(JSON.parse(await download(ada))).toMatchObject({ account: { id: ada.userId } });
    const [{ parts } = { parts: 0 }] = (await sql('select parts from exports where user_id = $1', [
      ada.userId,
    ])) as { parts: number }[];
    expect(parts).toBe(3 + 2 * PAGES);
  });

  it('fails for good after half a day without progress, and it can be asked for again', async () => {
    const ada = newUser();
    wrong.payments = new AppError('unavailable');
    await start(ada);
    await eventually(async () => expect(await read(ada)).toMatchObject({ sectionsDone: 4 }));
    await sql('update exports set attempts = 150, due_at = now() where user_id = $1', [ada.userId]);
    await eventually(async () => expect(await read(ada)).toMatchObject({ state: 'failed' }));
    wrong.payments = null;
    await start(ada);
    await ready(ada);
  });
});

it('an export of a dead process is continued by another, and the dead one can add nothing', async () => {
  const ada = newUser();
  const { db, clock } = app.service('profile');
  let release = (): void => {};
  hold = new Promise((resolve) => (release = resolve));
  await start(ada);
  // A process is stopped in the middle of a page: its lease runs out, and another one claims the export.
  await eventually(() => expect(askedFor(ada)).toHaveLength(1));
  await sql(`update exports set due_at = now() - interval '1s' where user_id = $1`, [ada.userId]);
  const claim = { claim: '00000000-0000-4000-8000-000000000001', now: clock.now(), leaseMs: 60_000 };
  const claimed = await claimDueExport(db, claim);
  expect(claimed).toMatchObject({ userId: ada.userId, section: 4, cursor: null });
  release();
  await eventually(() => expect(askedFor(ada)).toHaveLength(1));
  expect(await sql('select parts from exports where user_id = $1', [ada.userId])).toEqual([
    { parts: claimed?.parts },
  ]);
  // The other one dies as well; the export goes on from where it was.
  await sql(`update exports set due_at = now() - interval '1s' where user_id = $1`, [ada.userId]);
  await ready(ada);
  const file = JSON.parse(await download(ada)) as Record<string, unknown[]>;
  expect(file['payments']).toHaveLength(2 * PAGES);
});
