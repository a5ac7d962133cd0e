import type { Client } from 'pg';
import { refreshTokens, type RefreshTokenSource } from '../mapping/refresh-tokens.ts';
import type { TargetDatabase } from '../mapping/table-mapping.ts';
import { targetOf } from '../copy/targets.ts';
import { entryBack } from './audit-logs.ts';
import { inBatches } from './changed-rows.ts';
import { paymentBack, paymentProblem, type PaymentContext } from './payments.ts';
import { carriedHash, isOver, tokenGone } from './refresh-tokens.ts';
import { goneSelect } from './selects.ts';
import {
  changedEntries,
  changedPayments,
  changedProfiles,
  changedSettings,
  changedUsers,
  configKeyOf,
  poc2Payments,
  poc2Profiles,
  poc2Settings,
  poc2Users,
  type Going,
} from './stages.ts';
import { settingBack } from './system-config.ts';
import { profileBack, profileGone } from './user-profiles.ts';
import { mayUsePoc2, userBack } from './users.ts';
import { carryOut, update, type ColumnTypes, type Poc2Table, type Problem, type Write } from './writes.ts';

/** POC-2 as it is written to, in one transaction. */
export type Writer = { client: Client; types: ColumnTypes };

export type Written = {
  /** Numbers of writes by table and act. */
  counts: Map<string, number>;
  problems: Problem[];
  /** What stays in Payloom because POC-2 has nothing for it, as sentences. */
  remarks: string[];
  /** POC-2's ids of users whose address is written, and of those who may not use POC-2 any more. */
  emails: Set<string>;
  barred: Set<string>;
};

const newWritten = (): Written => ({
  counts: new Map(),
  ...{ problems: [], remarks: [], emails: new Set(), barred: new Set() },
});

const write = async ({ client, types }: Writer, writes: readonly Write[], { counts }: Written) => {
  for (const { table, act } of writes) {
    const key = `${table} ${act}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  await carryOut(client, types, writes);
};

/** An address that is nobody's, until all have theirs: two users may exchange theirs. */
const movingEmail = (id: string): string => `payloom:moving:${id}`;

/** Refuses addresses that a user of POC-2 has who never was in Payloom. */
const refuseTaken = async (client: Client, wanted: ReadonlyMap<string, string>, left: Set<string>) => {
  const { rows } = await client.query<{ id: string; email: string }>(
    'select id, email from users where email = any($1)',
    [[...wanted.keys()]],
  );
  return rows.map(({ id: holder, email }): Problem => {
    const id = wanted.get(email) ?? '';
    left.add(id);
    const detail = `its e-mail address is that of the user ${holder} of POC-2, who was not moved: change one`;
    return { id, detail };
  });
};

/** Users of POC-2 first: what they no longer have, others may get. */
const writeKnownUsers = async (going: Going, writer: Writer, written: Written): Promise<void> => {
  const emails: { id: string; oldId: string; email: string }[] = [];
  for await (const { rows } of changedUsers(going)) {
    const keys = rows.map(({ old_id: id }) => id);
    const were = await poc2Users(going.before, going.context, keys);
    const writes = rows.flatMap((row): Write[] => {
      if (!mayUsePoc2(row)) written.barred.add(row.old_id);
      const was = were.get(row.old_id);
      return was ? userBack(row, was) : [];
    });
    const moving = writes.map((one): Write => {
      const email = one.values['email'];
      if (email == null) return one;
      const { id } = rows.find(({ old_id: oldId }) => oldId === one.id) ?? { id: '' };
      emails.push({ id, oldId: one.id, email });
      written.emails.add(one.id);
      return { ...one, values: { ...one.values, email: movingEmail(one.id) } };
    });
    await write(writer, moving, written);
  }
  const wanted = new Map(emails.map(({ id, email }) => [email, id]));
  written.problems.push(...(await refuseTaken(writer.client, wanted, going.left)));
  const free = emails.filter(({ id }) => !going.left.has(id));
  await carryOut(
    writer.client,
    writer.types,
    free.flatMap(({ oldId, email }) => update('users', oldId, { email })),
  );
};

const writeNewUsers = async (going: Going, writer: Writer, written: Written): Promise<void> => {
  for await (const { rows } of changedUsers(going)) {
    const keys = rows.map(({ old_id: id }) => id);
    const were = await poc2Users(going.before, going.context, keys);
    const born = rows.filter(({ old_id: id }) => !were.has(id));
    const wanted = new Map(born.map(({ id, email }) => [email, id]));
    written.problems.push(...(await refuseTaken(writer.client, wanted, going.left)));
    const writes = born.filter(({ id }) => !going.left.has(id)).flatMap((row) => userBack(row, null));
    await write(writer, writes, written);
  }
};

const writeProfiles = async (going: Going, writer: Writer, written: Written): Promise<void> => {
  for await (const { rows } of changedProfiles(going)) {
    const were = await poc2Profiles(
      going.before,
      going.context,
      rows.map(({ old_id: id }) => id),
    );
    const writes = rows.flatMap((row) => profileBack(row, were.get(row.old_id) ?? null));
    await write(writer, writes, written);
  }
  for await (const { rows } of changedUsers(going)) {
    const closed = rows.filter(({ status }) => status === 'deleted').map(({ old_id: id }) => id);
    const were = await poc2Profiles(going.before, going.context, closed);
    await write(writer, [...were.values()].map(profileGone), written);
  }
};

const writePayments = async (going: Going, writer: Writer, written: Written): Promise<void> => {
  for await (const { rows, oldIds } of changedPayments(going)) {
    const context: PaymentContext = { oldIds, amount: going.amount, left: going.left };
    const keys = rows.map(({ old_id: id }) => id);
    const were = await poc2Payments(going.before, going.context, keys);
    const writes = rows.flatMap((row): Write[] => {
      const problem = paymentProblem(row, context);
      if (problem) written.problems.push(problem);
      return problem ? [] : paymentBack(row, were.get(row.old_id) ?? null, context);
    });
    await write(writer, writes, written);
  }
};

const writeEntries = async (going: Going, writer: Writer, written: Written): Promise<void> => {
  for await (const { rows, oldIds } of changedEntries(going))
    await write(
      writer,
      rows.map((row) => entryBack(row, oldIds, going.left)),
      written,
    );
};

const writeSettings = async (going: Going, writer: Writer, written: Written): Promise<void> => {
  for await (const { rows, oldIds } of changedSettings(going))
    for (const row of rows) {
      const key = configKeyOf(going.context, row.id);
      const was =
        key === null ? undefined : (await poc2Settings(going.before, going.context, [key])).get(key);
      if (key !== null && was) await write(writer, settingBack(row, key, was, oldIds), written);
      else written.remarks.push(`the setting ${row.id} stays in Payloom: no row of system_config became it`);
    }
};

/** Tokens that auth would still exchange. */
const LIVE = `
  select encode(t.hash, 'hex') as hash from refresh_tokens t join sessions s on s.id = t.session_id
  where t.hash = any($1) and t.used_at is null and s.ended_at is null`;

/** The tokens of POC-2 that are no longer good. Reads all of them. */
export async function* tokensOver(going: Going, client: Client, barred: ReadonlySet<string>) {
  const auth = targetOf(going.targets, 'auth').client;
  for await (const rows of inBatches<RefreshTokenSource>(client, refreshTokens.select)) {
    const hashes = new Map(rows.map((row) => [row.id, carriedHash(row, going.context)]));
    const carried = [...hashes.values()].filter((hash) => hash !== null).map((hash) => hash.slice(2));
    const { rows: found } = await auth.query<{ hash: string }>(LIVE, [
      carried.map((hash) => Buffer.from(hash, 'hex')),
    ]);
    const live = new Set(found.map(({ hash }) => `\\x${hash}`));
    yield rows
      .filter(({ id, user_id: user }) => isOver(hashes.get(id) ?? null, user, { live, barred }))
      .map(({ id }) => id);
  }
}

const deleteTokens = async (going: Going, writer: Writer, written: Written): Promise<void> => {
  for await (const ids of tokensOver(going, going.before, written.barred))
    await write(writer, ids.map(tokenGone), written);
};

const GONE: readonly [TargetDatabase, table: string, Poc2Table][] = [
  ['admin', 'entries', 'audit_logs'],
  ['payments', 'payments', 'payments'],
  ['auth', 'users', 'users'],
];

const deleteGone = async ({ targets }: Going, writer: Writer, written: Written): Promise<void> => {
  for (const [database, table, poc2] of GONE)
    for await (const rows of inBatches<{ id: string }>(targetOf(targets, database).client, goneSelect(table)))
      await write(
        writer,
        rows.map(({ id }) => ({ table: poc2, act: 'delete', id, values: {} })),
        written,
      );
};

const STEPS = [
  ...[deleteGone, writeKnownUsers, writeNewUsers, deleteTokens, writeProfiles, writeSettings],
  ...[writePayments, writeEntries],
];

/** Writes everything that services wrote into POC-2's tables. Within a transaction. */
export const writeBack = async (going: Going, writer: Writer): Promise<Written> => {
  const written = newWritten();
  for (const step of STEPS) await step(going, writer, written);
  return written;
};
