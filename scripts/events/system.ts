import type { ChannelModel } from 'amqplib';
import type { Database } from '../../broker/postgres/database.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';

/** A mistake in the arguments or a server that cannot be used; its message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type ServiceHandle = { name: string; db: Database | null; isSubscriber: boolean };

/** What the commands work on. */
export type System = {
  definitions: readonly AnyServiceDefinition[];
  services: ServiceHandle[];
  model: ChannelModel | null;
  login: string;
  /** Prints a line of progress. */
  say(line: string): void;
  close(): Promise<void>;
};

/**
 * The subscribing service of this name, or all of them.
 * @throws UsageError when there is none
 */
export const subscribersNamed = ({ services }: System, service: string | undefined): ServiceHandle[] => {
  const all = services.filter(({ isSubscriber }) => isSubscriber);
  if (service === undefined) return all;
  const found = all.find(({ name }) => name === service);
  if (!found) {
    const names = all.map(({ name }) => name).join(', ');
    throw new UsageError(`The service ${service} has no queue; these have: ${names}.`);
  }
  return [found];
};

/** @throws UsageError when its address is not known */
export const databaseOf = ({ services }: System, service: string): Database => {
  const db = services.find(({ name }) => name === service)?.db;
  if (!db) throw new UsageError(`The address of the database of ${service} is not known.`);
  return db;
};
