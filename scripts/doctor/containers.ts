// The containers of docker/compose.yml: their states from outside, and their servers from inside, where alone
// these can be reached.
import { stripVTControlCharacters } from 'node:util';
import {
  docker,
  listContainers,
  readServices,
  type Container,
  type ServiceConfig,
} from '../compose/docker.ts';
import { checkServed } from './certificates.ts';
import { fine, runCheck, wrong, type Finding } from './finding.ts';

/** Ends with 0 also when something is wrong: that is what it prints. */
const INSIDE = 'node scripts/doctor/doctor.ts --servers --json || true';
const LINES = '3';

type LogLine = { msg?: string; err?: { message?: string } };

/** What a line of a log says, without its fields. */
export const sentenceOf = (line: string): string => {
  try {
    const { msg, err } = JSON.parse(line) as LogLine;
    return [msg, err?.message].filter(Boolean).join(': ');
  } catch {
    return line.trim();
  }
};

/** The last line that the containers of a service have printed. */
const lastWords = async ({ service }: Container): Promise<string> => {
  const text = await docker(['compose', 'logs', '--no-log-prefix', '--no-color', '--tail', LINES, service]);
  const last = sentenceOf(stripVTControlCharacters(text).trim().split('\n').at(-1) ?? '');
  return last ? ` Its last words: ${last}` : '';
};

/** What is wrong with the containers of one service. @param last the last words of a container */
export const serviceFindings = async (
  name: string,
  { restart, deploy }: ServiceConfig,
  containers: readonly Container[],
  last: (one: Container) => Promise<string> = lastWords,
): Promise<Finding[]> => {
  const about = `service ${name}`;
  const logs = `docker compose logs ${name}`;
  if (restart === 'no') {
    const failed = containers.find(({ exitCode, isRunning }) => !isRunning && exitCode !== 0);
    if (!failed) return [fine(about, 'It has run.')];
    return [wrong(about, `It ended with ${failed.exitCode}.${await last(failed)}`, logs)];
  }
  const expected = deploy?.replicas ?? 1;
  const healthy = containers.filter(({ condition }) => condition === 'healthy');
  const found = await Promise.all(
    containers
      .filter((one) => !healthy.includes(one))
      .map(async (one) => wrong(about, `${one.name} is ${one.condition}.${await last(one)}`, logs)),
  );
  const text = `${healthy.length} of ${Math.max(expected, containers.length)} containers are healthy.`;
  if (healthy.length >= expected) return [...found, fine(about, text)];
  return [...found, wrong(about, text, 'docker compose up --wait')];
};

const inside = (): Promise<Finding[]> =>
  runCheck('servers', async () => {
    const text = await docker(['compose', 'run', '--rm', '--no-deps', '-T', 'migrate', 'sh', '-c', INSIDE]);
    return JSON.parse(text) as Finding[];
  });

/** Checks the system that docker compose runs in the project's folder. */
export const checkContainers = (): Promise<Finding[]> =>
  runCheck('containers', async () => {
    const [services, containers] = [await readServices(), await listContainers()];
    if (!containers.some(({ isRunning }) => isRunning))
      return [wrong('containers', 'None of them runs.', 'docker compose up --wait')];
    const states = await Promise.all(
      Object.entries(services).map(([name, config]) =>
        serviceFindings(
          name,
          config,
          containers.filter(({ service }) => service === name),
        ),
      ),
    );
    const publicUrl = services['edge']?.environment?.['PUBLIC_URL'] ?? '';
    return [...states.flat(), ...(await inside()), ...(await checkServed(publicUrl))];
  });
