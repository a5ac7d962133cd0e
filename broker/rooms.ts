import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, type Env } from './config.ts';
import type { AnyRoomDefinition } from './room.ts';

const SERVICES = new URL('../services/', import.meta.url);

/**
 * The rooms that run in this process: `ROOMS=payments,auth` names some, nothing means all. A room is a
 * folder of `services/` with a `<name>.service.ts` that exports `room`.
 */
export const findRooms = async (env: Env): Promise<AnyRoomDefinition[]> => {
  const all = readdirSync(fileURLToPath(SERVICES), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const wanted = (env['ROOMS'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new ConfigError(`ROOMS names ${unknown.join(', ')}; there are ${all.join(', ')}`);
  }
  const modules = (wanted.length > 0 ? wanted : all).map(async (name) => {
    const module = (await import(new URL(`${name}/${name}.service.ts`, SERVICES).href)) as {
      room: AnyRoomDefinition;
    };
    return module.room;
  });
  return Promise.all(modules);
};
