import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../stack/folder.ts';
import { docker, listContainers, readServices } from './docker.ts';

const MB = 1_000_000;

type Stats = { Name: string; MemUsage: string };

/** Bytes of a text such as `55.66MiB / 256MiB`: the first of both. */
const bytesOf = (usage: string): number => {
  const [, number = '0', unit = 'B'] = /^([\d.]+)([KMG]?i?B)/.exec(usage) ?? [];
  const powers: Record<string, number> = { B: 0, KiB: 1, MiB: 2, GiB: 3 };
  return Number(number) * 1_024 ** (powers[unit] ?? 0);
};

const inMb = (bytes: number): string => `${(bytes / MB).toFixed(0)} MB`.padStart(8);

const memoryLines = async (): Promise<string[]> => {
  const running = (await listContainers()).filter(({ isRunning }) => isRunning);
  if (running.length === 0) throw new Error('Nothing is running; `docker compose up --wait` starts it.');
  const ids = running.map(({ id }) => id);
  const stats = (await docker(['stats', '--no-stream', '--format', '{{json .}}', ...ids]))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Stats)
    .map(({ Name: name, MemUsage: usage }) => ({ name, bytes: bytesOf(usage) }))
    .sort((a, b) => a.name.localeCompare(b.name));
  const sum = stats.reduce((total, { bytes }) => total + bytes, 0);
  const lines = [...stats, { name: 'all containers', bytes: sum }];
  const width = Math.max(...lines.map(({ name }) => name.length));
  return lines.map(({ name, bytes }) => `${name.padEnd(width)}  ${inMb(bytes)}`);
};

const sizeOf = async (image: string): Promise<number> =>
  Number(await docker(['image', 'inspect', '--format', '{{.Size}}', image]));

/** Images of the project, each with the image that it is built on, as the Dockerfile says. */
const imageLines = async (): Promise<string[]> => {
  const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');
  const baseOf = (stage: string): string =>
    new RegExp(`^FROM (\\S+) AS ${stage}$`, 'm').exec(dockerfile)?.[1] ?? '';
  const services = await readServices();
  const pairs = [
    [services['secrets']?.image ?? '', baseOf('payloom')],
    [services['edge']?.image ?? '', baseOf('edge')],
  ] as const;
  return Promise.all(
    pairs.map(async ([image, base]) => {
      const [size, below] = await Promise.all([sizeOf(image), sizeOf(base)]);
      return `${image}: ${inMb(size).trim()}, ${inMb(size - below).trim()} of them above ${base}`;
    }),
  );
};

/** The memory of each container at present, and the sizes of the images. */
export const sizes = async (): Promise<string> =>
  [...(await memoryLines()), '', ...(await imageLines())].join('\n');
