import { docker, listContainers, updatedServices } from './docker.ts';

type Say = (text: string) => void;

const READY_LIMIT_S = '120';

const runningOf = async (service: string): Promise<string[]> =>
  (await listContainers()).filter((one) => one.service === service && one.isRunning).map(({ id }) => id);

const remove = async (ids: readonly string[]): Promise<void> => {
  // SIGTERM, and time to finish: Docker takes `stop_grace_period` from the container.
  for (const id of ids) await docker(['stop', id]);
  await docker(['rm', '--force', ...ids]);
};

/**
 * Replaces the containers of a service: as many new ones start beside the old ones, and when all of them are
 * ready the old ones stop, one after the other.
 * @throws Error when a new one is not ready; the old ones then go on serving
 */
const replace = async (service: string, say: Say): Promise<void> => {
  const old = await runningOf(service);
  const count = Math.max(1, old.length);
  const up = ['compose', 'up', '--detach', '--no-deps', '--no-build', '--no-recreate', '--wait'];
  const scale = ['--wait-timeout', READY_LIMIT_S, '--scale', `${service}=${old.length + count}`];
  try {
    await docker([...up, ...scale, service]);
  } catch (error) {
    const added = (await listContainers())
      .filter((one) => one.service === service && !old.includes(one.id))
      .map(({ id }) => id);
    const [failed] = added;
    const last = failed ? (await docker(['logs', '--tail', '3', failed])).trim() : '';
    if (added.length > 0) await docker(['rm', '--force', ...added]);
    const why = last || (error as Error).message;
    throw new Error(`${service}: the new version does not become ready, the old one still serves. ${why}`, {
      cause: error,
    });
  }
  if (old.length > 0) await remove(old);
  say(`${service}: ${count} replaced`);
};

const runOnce = async (service: string): Promise<void> => {
  await docker(['compose', 'run', '--rm', '--no-deps', '-T', service]);
};

/**
 * A rolling update to the images that are there: secrets, migrations, then each service.
 * @param only the services to replace; all by default
 */
export const update = async (only: readonly string[], say: Say): Promise<void> => {
  const services = await updatedServices();
  const unknown = only.filter((name) => ![...services, 'edge'].includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no service ${unknown[0]}; there are ${[...services, 'edge'].join(', ')}.`);
  if (only.length === 0) {
    await runOnce('secrets');
    await runOnce('migrate');
    say('migrated');
  }
  for (const service of services)
    if (only.length === 0 || only.includes(service)) await replace(service, say);
  if (only.length > 0 && !only.includes('edge')) return;
  // Only one container can have the ports: it is replaced, if its image or settings have changed.
  await docker(['compose', 'up', '--detach', '--no-deps', '--no-build', '--wait', 'edge']);
  say('edge: up to date');
};
