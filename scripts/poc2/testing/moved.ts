import { findServices } from '../../../broker/process/find-services.ts';
import { freePort } from '../../../broker/postgres/embedded-folder.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import { DATABASE_NAMES } from '../copy/places.ts';
import { connectToSource, openSource } from '../copy/source.ts';
import { closeTargets, openTargets } from '../copy/targets.ts';
import { raiseFence } from '../cut-over/fence.ts';
import { openTarget } from '../cut-over/open-targets.ts';
import { backOutAll, type BackOutReport, type BackOutRequest } from '../back-out/back-out-all.ts';
import { installChangeLog } from '../follow/change-log.ts';
import type { MappingOptions } from '../mapping/table-mapping.ts';
import { copyInto, targetSystem, type TargetSystem } from './copying.ts';
import type { SampleSource } from './sample-source.ts';

/** Lets services in, as the end of a cut-over does. */
const openAll = async ({ env }: TargetSystem): Promise<void> => {
  const targets = await openTargets(env);
  for (const target of targets) await openTarget(target);
  await closeTargets(targets);
};

/** A system to which a source has moved: copied, fenced and opened. */
export const movedSystem = async (source: SampleSource, options: MappingOptions): Promise<TargetSystem> => {
  await installChangeLog(source.url);
  const system = await targetSystem();
  await copyInto(system, source.url, { options, nowMs: Date.now(), batchRows: 1_000 });
  const fenced = await connectToSource(source.url);
  await raiseFence(fenced);
  await fenced.close();
  await openAll(system);
  return system;
};

/** The services of the databases, with the sandbox. */
export const startPayloom = async ({ env }: TargetSystem): Promise<TestServices> => {
  const port = await freePort();
  const definitions = await findServices({ SERVICES: 'auth,payments,profile,admin,processor-sandbox' });
  return startServices(definitions, {
    env: {
      ...(env as Record<string, string>),
      ...{ SANDBOX_PORT: String(port), PROCESSOR_URL: `http://127.0.0.1:${port}` },
    },
  });
};

/** Resolves when all events are delivered and the processor has nothing to do. */
export const settled = async ({ query }: TargetSystem, limitMs = 20_000): Promise<void> => {
  for (const database of DATABASE_NAMES)
    await eventually(async () => (await query(database, 'select from outbox limit 1')).length === 0, limitMs);
  for (const database of DATABASE_NAMES)
    await eventually(async () => {
      const published = await query<{ id: string }>(
        database,
        'select id from published_events, poc2_run where published_at > opened_at',
      );
      const ids = published.map(({ id }) => id);
      const handled = await query('admin', 'select from inbox where id = any($1::text[])', [ids]);
      return handled.length === ids.length;
    }, limitMs);
  await eventually(
    async () =>
      (await query('payments', "select from processor_operations where step <> 'done'")).length === 0,
    limitMs,
  );
};

export const backOutOf = async (
  { env }: TargetSystem,
  url: string,
  more: Partial<BackOutRequest> = {},
): Promise<BackOutReport> => {
  const before = await openSource(url);
  const source = await connectToSource(url);
  const targets = await openTargets(env);
  try {
    return await backOutAll({
      ...{ before, source, targets, leave: [], keepOpen: false, leaveEvents: false, nowMs: Date.now() },
      say: () => undefined,
      ...more,
    });
  } finally {
    await closeTargets(targets);
    await source.close();
    await before.close();
  }
};
