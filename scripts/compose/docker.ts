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
export type Container = { id: string; name: string; service: string; isRunning: boolean };

type Listed = { ID: string; Name: string; Service: string; State: string };

/** The containers of the project, those that have ended included. */
export const listContainers = async (): Promise<Container[]> => {
  const lines = await docker(['compose', 'ps', '--all', '--no-trunc', '--format', 'json']);
  return lines
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line) as Listed | Listed[])
    .map(({ ID: id, Name: name, Service: service, State: state }) => ({
      id,
      name,
      service,
      isRunning: state === 'running',
    }));
};

type ServiceConfig = { image?: string; restart?: string };

/** The services that run the image of Payloom, in the order in which they are updated. */
export const updatedServices = async (): Promise<string[]> => {
  const { services } = JSON.parse(await docker(['compose', 'config', '--format', 'json'])) as {
    services: Record<string, ServiceConfig>;
  };
  const image = services['secrets']?.image;
  const names = Object.keys(services).filter(
    (name) => services[name]?.image === image && services[name]?.restart !== 'no',
  );
  // Gateways last: they may offer what only the new services can do.
  return [...names.filter((name) => name !== 'gateway'), 'gateway'];
};
