import { existsSync } from 'node:fs';
import { postgresUrl, processEnv, type Env } from '../../broker/process/config.ts';
import { claimDataFolder, dataFolderOf, portOf } from '../../broker/process/data-folder.ts';
import { prepareEmbedded } from '../../broker/process/embedded.ts';
import { allServices } from '../../broker/process/find-services.ts';
import { createLogger } from '../../broker/process/logger.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { openSystem } from '../events/commands.ts';
import { UsageError, type System } from '../events/system.ts';
import { operatorEnv } from '../stack/client.ts';
import type { Place } from './connect.ts';

/** A system whose servers run. */
export type Source = {
  name: string;
  env: Env;
  system: System;
  close(): Promise<void>;
};

const log = createLogger({ level: 'silent' });

/**
 * The databases of the services that SERVICES names, by default of all.
 * @throws UsageError when an address is missing
 */
export const placesOf = (definitions: readonly AnyServiceDefinition[], env: Env): Place[] => {
  const wanted = (env['SERVICES'] ?? '').split(',').filter(Boolean);
  return definitions.flatMap(({ contract, database }): Place[] => {
    const { service } = contract;
    if (!database || (wanted.length > 0 && !wanted.includes(service))) return [];
    const { data: url, error } = postgresUrl.safeParse(env[database.env]);
    if (error)
      throw new UsageError(
        `${database.env} ${error.issues[0]?.message}; without ${service}, set SERVICES to the others.`,
      );
    // What the service itself cannot change, a restore fills as the owner.
    const ownerUrl = database.ownerEnv && env[database.ownerEnv];
    if (!ownerUrl) return [{ service, url }];
    return [{ service, url: ownerUrl, login: { url, appendOnly: database.appendOnly ?? [] } }];
  });
};

/** The variables that name servers, or null: then the instance on PORT is meant. */
export const givenEnv = (definitions: readonly AnyServiceDefinition[]): Env | null => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = processEnv();
  const names = ['RABBITMQ_URL', ...definitions.flatMap(({ database }) => database?.env ?? [])];
  return names.some((name) => env[name]) ? env : null;
};

/** Opens a system whose servers run. @param release runs at its end */
export const openSource = async (
  name: string,
  env: Env,
  release: () => Promise<void> = async () => undefined,
): Promise<Source> => {
  try {
    const system = await openSystem(env);
    const close = async () => {
      await system.close();
      await release();
    };
    return { name, env, system, close };
  } catch (error) {
    await release();
    throw error;
  }
};

/**
 * The instance on PORT: its PostgreSQL runs already, or is started until `close`.
 * @param canRun whether the instance itself may run
 * @throws Error when it runs and may not, or when there is none
 */
export const openInstance = async (canRun: boolean): Promise<Source> => {
  const env = processEnv();
  const definitions = await allServices(processEnv());
  const name = `instance-${portOf(env)}`;
  const alive = await fetch(`http://127.0.0.1:${portOf(env)}/health/live`).then(
    ({ ok }) => ok,
    () => false,
  );
  if (alive && canRun) return openSource(name, (await prepareEmbedded(definitions, env, log)).env);
  const folder = dataFolderOf(env);
  if (canRun && !existsSync(folder))
    throw new UsageError(
      `There is no instance on port ${portOf(env)}: set PORT, or name a stack (--stack default).`,
    );
  const unclaim = claimDataFolder(folder);
  try {
    const embedded = await prepareEmbedded(definitions, env, log);
    return await openSource(name, embedded.env, async () => {
      await embedded.stop();
      unclaim();
    });
  } catch (error) {
    unclaim();
    throw error;
  }
};

/** A running system: the stack, or that of the environment's variables, or else the instance on PORT. */
export const findSource = async (stack: string | undefined): Promise<Source> => {
  if (stack !== undefined) return openSource(stack, await operatorEnv(stack));
  const given = givenEnv(await allServices(processEnv()));
  return given ? openSource('system', given) : openInstance(true);
};
