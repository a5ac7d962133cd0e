import type { Caller } from '../../../broker/calls/envelope.ts';
import type { RequestOrigin } from '../../../broker/calls/request-context.ts';
import type { Database } from '../../../broker/postgres/database.ts';
import { storeInQueue } from '../../../broker/events/in-process-hub.ts';
import { systemClock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { fakeService } from '../../../broker/testing/fake-service.ts';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { AuditEntry, AuditFilters } from '../../../shared/contracts/admin/audit.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { Event, PayloadOf } from '../../../shared/contracts/contract.ts';
import type { EventId, UserId } from '../../../shared/contracts/ids.ts';
import { service as adminService } from '../admin.service.ts';
import { databaseWithTwoRoles } from './two-roles.ts';

export type TestUser = PayloadOf<typeof auth.events.userChanged>;

type Given = { id?: EventId; atMs?: number; requestId?: string; origin?: RequestOrigin };

export type AdminApp = TestServices & {
  /** The database as the role that owns the tables: as who changes rows by hand. */
  owner: Database;
  url: string;
  administrator: Caller;
  /** A new user, whom auth knows. */
  newUser(over?: Partial<TestUser>): TestUser;
  /** Delivers an event as its publisher does, and returns its id. */
  deliver<F extends Event>(event: F, payload: PayloadOf<F>, given?: Given): Promise<EventId>;
  /** Resolves when all delivered events are handled. */
  handled(): Promise<void>;
  /** Resolves when all entries are in the chain. */
  sealed(): Promise<void>;
  list(filters?: AuditFilters): Promise<AuditEntry[]>;
};

let users = 0;

/** The admin service beside an auth that knows the users of the test. */
export const startAdmin = async (env: Record<string, string> = {}): Promise<AdminApp> => {
  const known = new Map<UserId, TestUser>();
  const fakeAuth = fakeService(auth, {
    findUser: async (_service, { params }) => {
      const user = 'id' in params ? known.get(params.id) : undefined;
      return { user: user ? { ...user, createdAt: new Date(0).toISOString() } : null };
    },
  });
  const { url, ownerUrl, owner, drop } = await databaseWithTwoRoles();
  const addresses = { ADMIN_DATABASE_URL: url, ADMIN_OWNER_DATABASE_URL: ownerUrl };
  const app = await startServices([adminService, fakeAuth], { env: { ...addresses, ...env } });
  const { db } = app.service('admin');
  const administrator: Caller = { userId: newId('user', 1), role: 'ADMIN', sessionId: newId('session', 1) };
  return {
    ...app,
    owner,
    url,
    stop: async () => {
      await app.stop();
      await drop();
    },
    administrator,
    newUser: (over = {}) => {
      const id = newId('user', Date.now());
      const email = `user${++users}@example.com`;
      const user: TestUser = {
        id,
        email,
        name: `User ${users}`,
        role: 'CUSTOMER',
        status: 'active',
        version: 1,
        ...over,
      };
      known.set(id, user);
      return user;
    },
    deliver: async (
      event,
      payload,
      { atMs = Date.now(), id = newId('event', atMs), requestId, origin } = {},
    ) => {
      const { name, version } = event;
      await storeInQueue(db, systemClock, [
        {
          id,
          event: name,
          version,
          payload: JSON.stringify(payload),
          requestId: requestId ?? null,
          origin: origin ? JSON.stringify(origin) : null,
          occurredAtMs: atMs,
        },
      ]);
      return id;
    },
    handled: () =>
      eventually(async () => expect(await db.query('select cause from event_queue')).toEqual([]), 20_000),
    sealed: () =>
      eventually(async () => expect(await db.query('select from unsealed')).toHaveLength(0), 20_000),
    list: async (filters = {}) => {
      const found: AuditEntry[] = [];
      for (let cursor: string | undefined; ;) {
        const params = { ...filters, limit: 3, ...(cursor === undefined ? {} : { cursor }) };
        const page = await app.call(admin.actions.auditEntries, params, { as: administrator });
        found.push(...page.items);
        if (page.nextCursor === null) return found;
        cursor = page.nextCursor;
      }
    },
  };
};
