import type { ServiceSchema } from 'moleculer';
import type * as z from 'zod/mini';
import type { Action, Contract, ParamsOf, ResultOf } from '../../shared/contracts/contract.ts';
import type { Answer, CallOptions } from '../calls/call.ts';
import type { Envelope } from '../calls/envelope.ts';
import type { Clock } from './clock.ts';
import type { Subscriber } from '../events/inbox.ts';
import type { Outbox } from '../events/outbox.ts';
import type { Readiness } from './health.ts';
import type { Handlers } from '../calls/implement.ts';
import type { Env } from './config.ts';
import type { Job } from './jobs.ts';
import type { Worker } from './worker.ts';
import type { Logger } from './logger.ts';
import type { AdapterModel, Database } from '../postgres/database.ts';

/** What a service's code is given: everything it may touch. */
export type Service<Config = unknown, State = unknown> = {
  name: string;
  config: Config;
  /** What the service keeps in memory; made before its actions are served. */
  state: State;
  db: Database;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  /** Calls another service as this service itself, with no user behind it. */
  call<A extends Action>(action: A, params: ParamsOf<A>): Promise<ResultOf<A>>;
  /** Calls on behalf of somebody: for the gateway, where requests enter. */
  send<A extends Action>(action: A, params: ParamsOf<A>, options: CallOptions): Promise<Answer<ResultOf<A>>>;
  /** Tells every process something at once and without a promise; heard under `signals`. Never an event. */
  sendSignal(signal: string, payload: object): Promise<void>;
  /**
   * Says to another service, on a way that is not the bus, who stands behind something: text for a header,
   * signed as a call of `to` (`service.name`) would be.
   */
  signAssertion(to: string, options: CallOptions & { timeoutMs: number }, params: object): string;
  /**
   * Reads what another service openAssertion for.
   * @throws AppError `forbidden` when it is forged or meant for something else, `timeout` when it is too old
   */
  openAssertion(to: string, text: string): { envelope: Envelope; params: unknown };
  /** Where the processes of a service take connections of their own, as they say on the bus. */
  instancesOf(service: string): Instance[];
  /** Whether everything in this process can serve. */
  readiness(): Promise<Readiness>;
};

/** A process of a service that takes connections: its name on the bus and its address, `http://host:port`. */
export type Instance = { nodeId: string; address: string };

export type Development = {
  /** The port of this instance; every other port follows from it. */
  port: number;
  /** The port on which a service listens for connections of its own, by its `portOffset`. */
  portOf: (service: string) => number;
  /** A random secret, made once per data folder; the same for every service that asks by this name. */
  secret: (name: string, prefix: string) => string;
};

export type ServiceDefinition<
  C extends Contract = Contract,
  S extends z.ZodMiniType = z.ZodMiniType,
  State = unknown,
> = {
  contract: C;
  /** Schema over environment variables; read once at start. */
  config: S;
  database?: {
    /** The variable that holds the database's postgres:// address. */
    env: string;
    migrations: URL;
    poolSize?: (config: z.output<S>) => number;
    model?: AdapterModel;
  };
  actions: Handlers<Service<z.output<S>, State>, C>;
  /** The services whose actions it calls; on a bus it is given their keys, and no others. */
  calls?: readonly string[];
  subscribers?: readonly Subscriber<Service<z.output<S>, State>>[];
  /**
   * EventDelivery by each process of the service, for what it keeps in memory. What is told while a process
   * has no
   * connection does not reach it: see `disconnected` and `resubscribed`.
   */
  broadcast?: readonly Subscriber<Service<z.output<S>, State>>[];
  /** What is told `broadcast` is not heard from now on, until `resubscribed`. */
  disconnected?: (service: Service<z.output<S>, State>) => void;
  /** What is told `broadcast` is heard again; what was told meanwhile was missed. */
  resubscribed?: (service: Service<z.output<S>, State>) => void;
  signals?: Readonly<Record<string, (service: Service<z.output<S>, State>, payload: never) => void>>;
  /** Periodic work on the service's database, by one replica at a time. */
  jobs?: readonly Job<Service<z.output<S>, State>>[];
  /** Starts loops that run as long as the process; they are stopped before the database closes. */
  workers?: (service: Service<z.output<S>, State>) => readonly Worker[];
  state?: (service: Service<z.output<S>, undefined>) => State | Promise<State>;
  /** Where a process without a database asks what time it is. */
  time?: (service: Service<z.output<S>, State>) => Promise<number>;
  /** Runs once every service of the process serves; the process is ready after it. */
  started?: (service: Service<z.output<S>, State>) => Promise<void>;
  /** Runs before the service's database closes. */
  stopped?: (service: Service<z.output<S>, State>) => Promise<void>;
  /** Where the service listens for connections of its own in development, above the instance's port. */
  portOffset?: number;
  /** Lines for the terminal once an instance with embedded parts is ready, for example an address. */
  banner?: (env: Env) => readonly string[];
  /** Variables that embedded mode fills in where nobody set them; never in production. */
  development?: (given: Development) => Readonly<Record<string, string>>;
  /**
   * Makes the service's part of the demo data, through real actions, at times that it chooses; safe to run
   * again.
   */
  demo?: (service: Service<z.output<S>, State>, at: (timeMs: number) => void) => Promise<void>;
  /** More of a Moleculer service, where a package demands it (moleculer-web). */
  moleculer?: (service: Service<z.output<S>, State>) => Partial<ServiceSchema>;
};

/** A service with its types closed, as `start` handles it. */
export type AnyServiceDefinition = ServiceDefinition<Contract, z.ZodMiniType, never>;

/** Defines a service from its contract; the types of its parts follow from it. */
export const defineService = <C extends Contract, S extends z.ZodMiniType, State = undefined>(
  definition: ServiceDefinition<C, S, State>,
): AnyServiceDefinition => definition as unknown as AnyServiceDefinition;
