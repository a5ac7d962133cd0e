import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { ServiceKeys } from './envelope.ts';
import type { Env } from '../process/config.ts';
import type { AnyServiceDefinition } from '../process/service.ts';

const KEY_BYTES = 32;

const variableOf = (service: string): string => `SERVICE_KEY_${service.toUpperCase().replaceAll('-', '_')}`;

/**
 * Reads the keys that sign calls, by service. In embedded mode the process creates one that is lost with it.
 * On a bus each process needs the keys of its own services and of the services that they call
 * (SERVICE_KEY_<SERVICE>).
 * @returns the keys, and one sentence for each variable that is missing or wrong
 */
export const readKeys = (
  definitions: readonly AnyServiceDefinition[],
  env: Env,
  distributed: boolean,
): { keys: ServiceKeys; problems: string[] } => {
  if (!distributed) {
    const own = createSecretKey(randomBytes(KEY_BYTES));
    return { keys: () => own, problems: [] };
  }
  const needed = new Set(
    definitions.flatMap(({ contract: { service, actions }, calls = [] }) => [
      // A service without actions needs no key of its own.
      ...(Object.keys(actions).length > 0 ? [service] : []),
      ...calls,
    ]),
  );
  const known = new Map<string, KeyObject>();
  const problems: string[] = [];
  for (const service of needed) {
    const bytes = Buffer.from(env[variableOf(service)] ?? '', 'base64url');
    if (bytes.length < KEY_BYTES) {
      problems.push(
        `${variableOf(service)} must be ${KEY_BYTES} bytes in base64 (openssl rand -base64 ${KEY_BYTES})`,
      );
    } else known.set(service, createSecretKey(bytes));
  }
  const keys: ServiceKeys = (service) => {
    const key = known.get(service);
    if (!key) throw new Error(`no key for service ${service}: name it in the calling service's \`calls\``);
    return key;
  };
  return { keys, problems };
};
