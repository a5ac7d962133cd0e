import type { Client } from 'pg';
import { searchedText } from '../../services/admin/persistence/people.ts';
import { UsageError } from '../events/system.ts';
import { beginBulkLoad } from './bulk-load.ts';
import { SEED_DOMAIN, seededPeople, type SeededPerson } from './people.ts';
import { copyOfUsers, userRows, type Password } from './rows.ts';

/** Connections to the services' databases, by service. */
export type Clients = ReadonlyMap<string, Client>;

type Seeding = { seed: number; nowMs: number; count: number; password: Password; say(line: string): void };
type Copy = { service: string; table: string; columns: Parameters<typeof copyOfUsers>[2] };

const email = (person: SeededPerson): string => person.email;
const name = (person: SeededPerson): string => person.name;

/** The services that keep a copy of the users. */
const COPIES: readonly Copy[] = [
  { service: 'payments', table: 'parties', columns: { email, name } },
  { service: 'realtime', table: 'people', columns: { name } },
  { service: 'admin', table: 'people', columns: { email, name, searched: searchedText } },
];

/** @throws UsageError when the system has no such service */
export const clientOf = (clients: Clients, service: string): Client => {
  const client = clients.get(service);
  if (!client) throw new UsageError(`The system has no service ${service}.`);
  return client;
};

const FROM_EARLIER = `
  select id, email, name, role, (extract(epoch from created_at) * 1000)::float8 as "createdMs"
  from users where email like '%@${SEED_DOMAIN}' order by id`;

const hasPeople = async (client: Client, table: string, ids: readonly string[]): Promise<boolean> => {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from ${table} where id = any($1)`,
    [ids],
  );
  return rows[0]?.count === ids.length;
};

/**
 * Fills auth with users, unless an earlier run has done so, and the copies that lack them.
 * @throws UsageError when there are fewer from an earlier run
 */
export const seedUsers = async (
  clients: Clients,
  { seed, nowMs, count, password, say }: Seeding,
): Promise<readonly SeededPerson[]> => {
  const auth = clientOf(clients, 'auth');
  const { rows: earlier } = await auth.query<SeededPerson>(FROM_EARLIER);
  if (earlier.length > 0 && earlier.length < count) {
    throw new UsageError(
      `An earlier run has made ${earlier.length} users: ask for as many, or delete the data (npm run reset).`,
    );
  }
  const people = earlier.length > 0 ? earlier : seededPeople(count, seed, nowMs);
  if (earlier.length > 0) say(`auth: ${earlier.length} users are there from an earlier run`);
  const targets = [
    ...(earlier.length > 0 ? [] : [{ client: auth, rows: userRows(people, password) }]),
    ...COPIES.map(({ service, table, columns }) => ({
      client: clientOf(clients, service),
      rows: copyOfUsers(people, table, columns),
    })),
  ];
  const ids = people.map(({ id }) => id);
  for (const { client, rows } of targets) {
    if (await hasPeople(client, rows.table, ids)) continue;
    const startedMs = performance.now();
    const load = await beginBulkLoad(client, [rows.table], { keepTriggers: true });
    try {
      await load.add(rows);
      await load.restore();
      await load.commit();
      await load.vacuum();
    } catch (error) {
      await load.rollback();
      throw error;
    }
    const tookS = (performance.now() - startedMs) / 1_000;
    say(`${client.database}.${rows.table}: ${people.length} users in ${tookS.toFixed(1)} s`);
  }
  return people;
};
