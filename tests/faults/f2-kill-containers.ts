import { docker, listContainers, updatedServices } from '../../scripts/compose/docker.ts';
import { clientOf } from '../system/client.ts';
import { until } from '../system/timing.ts';
import type { Containers } from './containers.ts';
import type { ContainersFault } from './fault.ts';

const SERVED_LIMIT_MS = { container: 5_000, nginx: 2_000 };
const GIVE_UP_MS = 30_000;

type State = { Pid: number; Health: { Status: string } };

const stateOf = async (id: string): Promise<State> =>
  JSON.parse(await docker(['inspect', '--format', '{{json .State}}', id])) as State;

/** Kills the process of a container as a crash would. @returns milliseconds until it is healthy again */
const killProcess = async (service: string): Promise<number> => {
  const found = (await listContainers()).find((one) => one.service === service && one.isRunning);
  if (!found) throw new Error(`${service} is not running`);
  const { Pid: pid } = await stateOf(found.id);
  process.kill(pid, 'SIGKILL');
  return until(`${service} is ready again`, GIVE_UP_MS, async () => {
    const { Pid: now, Health: health } = await stateOf(found.id);
    return now !== 0 && now !== pid && health.Status === 'healthy';
  });
};

/** @returns milliseconds until nginx answers again */
const killNginx = async ({ urls }: Containers): Promise<number> => {
  const found = (await listContainers()).find(({ service }) => service === 'edge');
  const { Pid: pid } = await stateOf(found?.id ?? '');
  process.kill(pid, 'SIGKILL');
  return until('nginx answers again', GIVE_UP_MS, async () => {
    // A new client: the connections of before are gone.
    const answer = await clientOf(urls)
      .get('/health/live')
      .catch(() => null);
    return answer?.status === 200;
  });
};

export const killContainers: ContainersFault = {
  on: 'containers',
  name: 'F2-kill-containers',
  title: 'kill -9 of one container of every service and server, and of nginx',
  run: async (containers) => {
    const services = [...(await updatedServices()), 'redis', 'rabbitmq', 'postgres'];
    const took: [name: string, ms: number, limitMs: number][] = [];
    for (const service of services)
      took.push([service, await killProcess(service), SERVED_LIMIT_MS.container]);
    await until('everything is ready', GIVE_UP_MS, async () => {
      const { status } = await clientOf(containers.urls).get('/health/live');
      return status === 200;
    });
    took.push(['nginx', await killNginx(containers), SERVED_LIMIT_MS.nginx]);
    const figure = `ready again after: ${took.map(([name, ms]) => `${name} ${ms} ms`).join(', ')}`;
    const late = took.filter(([, ms, limitMs]) => ms > limitMs);
    if (late.length > 0) throw new Error(`too late: ${late.map(([name]) => name).join(', ')}; ${figure}`);
    return figure;
  },
};
