import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { root } from '../stack/folder.ts';

/**
 * Runs `docker` in the project's folder.
 * @returns its standard output
 * @throws Error with its last line when it fails
 */
export const docker = async (args: readonly string[]): Promise<string> => {
  const child = spawn('docker', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', () =>
      reject(new Error('Docker is not installed: https://docs.docker.com/engine/install/')),
    );
    child.once('close', resolve);
  });
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code === 0) return output;
  const reason = errors.trim().split('\n').at(-1) || `docker ${args.join(' ')} ended with ${code}`;
  throw new Error(reason);
};

/** A container of the project. */
export type Container = {
  id: string;
  name: string;
  service: string;
  isRunning: boolean;
  /** `healthy`, `starting` or `unhealthy`; otherwise the state, such as `exited` or `restarting`. */
  condition: string;
  exitCode: number;
};

type Listed = { ID: string; Name: string; Service: string; State: string; Health: string; ExitCode: number };

/** The containers of the project, those that have ended included. */
export const listContainers = async (): Promise<Container[]> => {
  const lines = await docker(['compose', 'ps', '--all', '--no-trunc', '--format', 'json']);
  return lines
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line) as Listed | Listed[])
    .map(({ ID: id, Name: name, Service: service, State: state, Health: health, ExitCode: exitCode }) => ({
      id,
      name,
      service,
      isRunning: state === 'running',
      condition: state === 'running' && health ? health : state,
      exitCode,
    }));
};

export type ServiceConfig = {
  image?: string;
  /** `no` where a container runs once. */
  restart?: string;
  deploy?: { replicas?: number };
  environment?: Record<string, string | null>;
};

/** The services of the compose file, with the settings of the environment. */
export const readServices = async (): Promise<Record<string, ServiceConfig>> => {
  const text = await docker(['compose', 'config', '--format', 'json']);
  return (JSON.parse(text) as { services: Record<string, ServiceConfig> }).services;
};

/** The services that run the image of Payloom, in the order in which they are updated. */
export const updatedServices = async (): Promise<string[]> => {
  const services = await readServices();
  const image = services['secrets']?.image;
  const names = Object.keys(services).filter(
    (name) => services[name]?.image === image && services[name]?.restart !== 'no',
  );
  // Gateways last: they may offer what only the new services can do.
  return [...names.filter((name) => name !== 'gateway'), 'gateway'];
};
