import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { RoomKeys } from './caller.ts';
import type { Env } from './config.ts';
import type { AnyRoomDefinition } from './room.ts';

const KEY_BYTES = 32;

const variableOf = (room: string): string => `ROOM_KEY_${room.toUpperCase().replaceAll('-', '_')}`;

/**
 * The keys that calls are signed with, by room. Alone, a process makes one that dies with it; on a bus it
 * needs the same key as the others for each of its rooms and each room that they call (ROOM_KEY_<ROOM>).
 * @returns the keys, and what is missing or wrong, a sentence for each variable
 */
export const readKeys = (
  definitions: readonly AnyRoomDefinition[],
  env: Env,
  distributed: boolean,
): { keys: RoomKeys; problems: string[] } => {
  if (!distributed) {
    const own = createSecretKey(randomBytes(KEY_BYTES));
    return { keys: () => own, problems: [] };
  }
  const needed = new Set(
    definitions.flatMap(({ contract: { room, actions }, calls = [] }) => [
      // Who answers nobody opens nothing.
      ...(Object.keys(actions).length > 0 ? [room] : []),
      ...calls,
    ]),
  );
  const known = new Map<string, KeyObject>();
  const problems: string[] = [];
  for (const room of needed) {
    const bytes = Buffer.from(env[variableOf(room)] ?? '', 'base64url');
    if (bytes.length < KEY_BYTES) {
      problems.push(`${variableOf(room)} must be a key of ${KEY_BYTES} bytes, base64url (openssl rand)`);
    } else known.set(room, createSecretKey(bytes));
  }
  const keys: RoomKeys = (room) => {
    const key = known.get(room);
    if (!key) throw new Error(`no key for room ${room}: name it in the calling room's \`calls\``);
    return key;
  };
  return { keys, problems };
};
