import type { Client } from 'pg';
import { processEnv, type Env } from '../../../broker/process/config.ts';
import { connectTo } from '../../backup/connect.ts';
import { findSource } from '../../backup/systems.ts';
import { tableOf } from '../../events/commands.ts';
import { UsageError } from '../../events/system.ts';

const NO_SUCH_TABLE = '42P01';
const VARIABLE = 'POC2_BRIDGE_DATABASE_URL';

export const BRIDGE_HELP = `  bridge status            what events passed between POC-2's Redis and ours
    --stack NAME           a stack; otherwise ${VARIABLE}, or else the instance on PORT`;

/** Prints what the bridge has counted in its database. */
const printStatus = async (client: Client, say: (line: string) => void): Promise<void> => {
  type Count = { direction: string; kind: string; outcome: string; count: string; last_at: Date };
  const { rows } = await client.query<Count>(
    'select direction, kind, outcome, count, last_at from message_counts order by 1, 2, 3',
  );
  const { rows: waiting } = await client.query<{ to_poc2: string; outbox: string; oldest: Date | null }>(
    `select (select count(*) from to_poc2) as to_poc2, (select min(arrived_at) from to_poc2) as oldest,
       (select count(*) from outbox) as outbox`,
  );
  const [{ to_poc2: out, outbox, oldest } = { to_poc2: '0', outbox: '0', oldest: null }] = waiting;
  if (rows.length === 0) say('Nothing has passed yet.');
  else
    say(
      tableOf(
        ['direction', 'event', 'outcome', 'messages', 'last'],
        rows.map((row) => [
          row.direction,
          row.kind,
          row.outcome,
          Number(row.count),
          row.last_at.toISOString(),
        ]),
      ),
    );
  say(
    `${out} wait to be sent to POC-2${oldest === null ? '' : `, the oldest since ${oldest.toISOString()}`}.`,
  );
  say(`${outbox} events of POC-2 wait to be published here.`);
};

const withAddress = async (stack: string | undefined, use: (env: Env) => Promise<void>): Promise<void> => {
  const env = processEnv();
  if (stack === undefined && env[VARIABLE]) return use(env);
  const source = await findSource(stack);
  try {
    await use(source.env);
  } finally {
    await source.close();
  }
};

/** @throws UsageError when the bridge is off, or its database cannot be used */
export const bridge = async (
  [command, ...rest]: readonly string[],
  { stack }: { stack?: string },
  say: (line: string) => void,
): Promise<number> => {
  if (command !== 'status' || rest.length > 0) throw new UsageError('The command is: bridge status.');
  await withAddress(stack, async (env) => {
    const url = env[VARIABLE];
    if (!url) throw new UsageError(`The bridge is off here: set POC2_BRIDGE_REDIS_URL, or ${VARIABLE}.`);
    const client = await connectTo({ service: 'poc2-bridge', url }, 'poc2');
    try {
      await printStatus(client, say);
    } catch (error) {
      if ((error as { code?: string }).code !== NO_SUCH_TABLE) throw error;
      throw new UsageError(`The bridge has never started with this database (${client.database ?? ''}).`);
    } finally {
      await client.end();
    }
  });
  return 0;
};
