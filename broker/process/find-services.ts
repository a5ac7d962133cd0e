import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, type Env } from './config.ts';
import type { AnyServiceDefinition } from './service.ts';

const SERVICES = new URL('../../services/', import.meta.url);

/**
 * The services of this process: `SERVICES=payments,auth` selects some; by default all but those that are off
 * (`onlyWith`). A service is a folder
 * of `services/` with a `<name>.service.ts` that exports `service`.
 */
export const findServices = async (env: Env): Promise<AnyServiceDefinition[]> => {
  const all = readdirSync(fileURLToPath(SERVICES), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const wanted = (env['SERVICES'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new ConfigError(`SERVICES names ${unknown.join(', ')}; there are ${all.join(', ')}`);
  }
  const modules = (wanted.length > 0 ? wanted : all).map(async (name) => {
    const module = (await import(new URL(`${name}/${name}.service.ts`, SERVICES).href)) as {
      service: AnyServiceDefinition;
    };
    return module.service;
  });
  const found = await Promise.all(modules);
  return found.filter(({ onlyWith }) => wanted.length > 0 || onlyWith === undefined || env[onlyWith]);
};

/** The services of a whole system with these variables, which may be spread over many processes. */
export const allServices = (env: Env): Promise<AnyServiceDefinition[]> =>
  findServices({ ...env, SERVICES: '' });
