import type { ServiceSchema } from 'moleculer';
import type * as z from 'zod/mini';
import type { Action, Contract, ParamsOf, ResultOf, Signal } from '../../shared/contracts/contract.ts';
import type { Answer, CallOptions } from '../calls/call.ts';
import type { Envelope } from '../calls/envelope.ts';
import type { Nodes } from '../operations/nodes.ts';
import type { Clock } from './clock.ts';
import type { Subscriber } from '../events/inbox.ts';
import type { Outbox } from '../events/outbox.ts';
import type { Readiness } from './health.ts';
import type { Handlers } from '../calls/implement.ts';
import type { Env } from './config.ts';
import type { Copy } from '../copies/copy.ts';
import type { SignalHandler } from '../calls/signals.ts';
import type { Job } from './jobs.ts';
import type { Worker } from './worker.ts';
import type { Logger } from './logger.ts';
import type { TraceContext } from '../telemetry/trace-context.ts';
import type { AdapterModel, Database } from '../postgres/database.ts';

/** Everything that a service's code may use. */
export type Service<Config = unknown, State = unknown> = {
  name: string;
  /** The node of this process. */
  nodeId: string;
  config: Config;
  /** State in memory, created before the actions are served. */
  state: State;
  db: Database;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  /** Calls another service on behalf of this service, without a user. */
  call<A extends Action>(action: A, params: ParamsOf<A>): Promise<ResultOf<A>>;
  /** Calls on behalf of a request's caller: for the gateway, where requests enter. */
  send<A extends Action>(action: A, params: ParamsOf<A>, options: CallOptions): Promise<Answer<ResultOf<A>>>;
  /**
   * Broadcasts a signal of this service to all processes at once, without a delivery guarantee; handled under
   * `signals`.
   */
  sendSignal<S extends Signal>(signal: S, payload: z.input<S['payload']>): Promise<void>;
  /**
   * Signs a statement about a caller for another service, for a channel other than the bus: text for a
   * header, signed as a call of `to` (`service.name`) is.
   */
  signAssertion(to: string, options: CallOptions & { timeoutMs: number }, params: object): string;
  /**
   * Verifies and reads what another service has signed.
   * @throws AppError `forbidden` when it is forged or made for something else, `timeout` when it is too old
   */
  openAssertion(to: string, text: string): { envelope: Envelope; params: unknown };
  /** Addresses of a service's processes that accept connections of their own. */
  instancesOf(service: string): Instance[];
  /** All processes with their state and dead letters: for the service of administrators only. */
  nodes: Nodes;
  /**
   * Begins the trace of a request from outside, or continues the one of its `traceparent` header: for the
   * gateway, where requests enter.
   */
  beginTrace(traceparent: unknown): TraceContext;
  /** Whether all dependencies of this process are available. */
  readiness(): Promise<Readiness>;
};

/** A process that accepts connections: its node id and its address, `http://host:port`. */
export type Instance = { nodeId: string; address: string };

type Development = {
  /** The port of this instance; every other port follows from it. */
  port: number;
  /** The port on which a service listens for connections of its own, by its `portOffset`. */
  portOf: (service: string) => number;
  /** A random secret, created once per data folder and name. */
  secret: (name: string, prefix: string) => string;
};

export type ServiceDefinition<
  C extends Contract = Contract,
  S extends z.ZodMiniType = z.ZodMiniType,
  State = unknown,
> = {
  contract: C;
  /**
   * The service is off unless this variable has a value, or `SERVICES` names the service. It is then none of
   * the services of an instance.
   */
  onlyWith?: string;
  /** Schema over environment variables; read once at start. */
  config: S;
  database?: {
    /** The environment variable with the database's postgres:// address. */
    env: string;
    /**
     * The variable with an address of the same database for the role that owns the tables and migrates them.
     * The role of `env` then cannot change tables, nor rows of `appendOnly`. Without a value the role of
     * `env` owns all.
     */
    ownerEnv?: string;
    /** Tables whose rows are never changed nor deleted. */
    appendOnly?: readonly string[];
    migrations: URL;
    poolSize?: (config: z.output<S>) => number;
    model?: AdapterModel;
  };
  actions: Handlers<Service<z.output<S>, State>, C>;
  /** The services that this one calls; on a bus it holds their keys and no others. */
  calls?: readonly string[];
  subscribers?: readonly Subscriber<Service<z.output<S>, State>>[];
  /**
   * Subscriptions of each process of the service, for state in memory. Events published while a process is
   * disconnected do not reach it: see `disconnected` and `resubscribed`.
   */
  broadcast?: readonly Subscriber<Service<z.output<S>, State>>[];
  /** Called when broadcast events no longer arrive, until `resubscribed`. */
  disconnected?: (service: Service<z.output<S>, State>) => void;
  /** Called when broadcast events arrive again; those published meanwhile were missed. */
  resubscribed?: (service: Service<z.output<S>, State>) => void;
  /** Signals that each process of the service handles, made with `onSignal`. */
  signals?: readonly SignalHandler<Service<z.output<S>, State>>[];
  /** Periodic work on the service's database, by one replica at a time. */
  jobs?: readonly Job<Service<z.output<S>, State>>[];
  /** Tables with rows of other services, fed by their events; compared with their source once a day. */
  copies?: readonly Copy[];
  /** Starts loops that run as long as the process; they are stopped before the database closes. */
  workers?: (service: Service<z.output<S>, State>) => readonly Worker[];
  state?: (service: Service<z.output<S>, undefined>) => State | Promise<State>;
  /**
   * Health checks whose failure is shown but leaves the process ready, by name: of what few requests need.
   */
  optionalChecks?: (service: Service<z.output<S>, State>) => ReadonlyMap<string, () => Promise<unknown>>;
  /** The time source of a process without a database, in milliseconds since the epoch. */
  time?: (service: Service<z.output<S>, State>) => Promise<number>;
  /** Runs once all services of the process serve; the process is ready after it. */
  started?: (service: Service<z.output<S>, State>) => Promise<void>;
  /** Runs after the workers have stopped, before the service's database closes. */
  stopped?: (service: Service<z.output<S>, State>) => Promise<void>;
  /** Where the service listens for connections of its own in development, above the instance's port. */
  portOffset?: number;
  /** Lines for the terminal once an instance with embedded parts is ready, for example an address. */
  banner?: (env: Env) => readonly string[];
  /** Values for variables that are not set; embedded mode only, never in production. */
  development?: (given: Development) => Readonly<Record<string, string>>;
  /** Creates the service's demo data through real actions, at times that it sets; safe to repeat. */
  demo?: (service: Service<z.output<S>, State>, at: (timeMs: number) => void) => Promise<void>;
  /** Additional parts of the Moleculer service, for packages that need them (moleculer-web, moleculer-io). */
  moleculer?: (service: Service<z.output<S>, State>) => Partial<ServiceSchema>;
};

/** A service definition without its type parameters. */
export type AnyServiceDefinition = ServiceDefinition<Contract, z.ZodMiniType, never>;

/** Defines a service from its contract; the types of its parts follow from it. */
export const defineService = <C extends Contract, S extends z.ZodMiniType, State = undefined>(
  definition: ServiceDefinition<C, S, State>,
): AnyServiceDefinition => definition as unknown as AnyServiceDefinition;
