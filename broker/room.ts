import type { ServiceSchema } from 'moleculer';
import type * as z from 'zod/mini';
import type { Action, Contract, ParamsOf, ResultOf } from '../shared/contracts/contract.ts';
import type { Answer, CallOptions } from './call.ts';
import type { Clock } from './clock.ts';
import type { Listener } from './events/inbox.ts';
import type { Outbox } from './events/outbox.ts';
import type { Readiness } from './health.ts';
import type { Handlers } from './implement.ts';
import type { Logger } from './logger.ts';
import type { AdapterModel, Database } from './postgres/database.ts';

/** What a room's code is given: everything it may touch. */
export type Room<Config = unknown, State = unknown> = {
  name: string;
  config: Config;
  /** What the room keeps in memory; made before its actions are served. */
  state: State;
  db: Database;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  /** Calls another room as this room itself, with no user behind it. */
  call<A extends Action>(action: A, params: ParamsOf<A>): Promise<ResultOf<A>>;
  /** Calls on behalf of somebody: for the gateway, where requests enter. */
  send<A extends Action>(action: A, params: ParamsOf<A>, options: CallOptions): Promise<Answer<ResultOf<A>>>;
  /** Tells every process something at once and without a promise; heard under `hints`. Never a fact. */
  announce(hint: string, payload: object): Promise<void>;
  /** Whether everything in this process can serve. */
  readiness(): Promise<Readiness>;
};

export type Development = {
  /** The port of this copy; every other port follows from it. */
  port: number;
  /** A random secret, made once per data folder; the same for every room that asks by this name. */
  secret: (name: string, prefix: string) => string;
};

export type RoomDefinition<
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
  actions: Handlers<Room<z.output<S>, State>, C>;
  /** The rooms whose actions it calls; on a bus it is given their keys, and no others. */
  calls?: readonly string[];
  listeners?: readonly Listener<Room<z.output<S>, State>>[];
  /** For a room without a database: facts may have been missed while the bus was away. */
  missedFacts?: (room: Room<z.output<S>, State>) => void;
  hints?: Readonly<Record<string, (room: Room<z.output<S>, State>, payload: never) => void>>;
  state?: (room: Room<z.output<S>, undefined>) => State | Promise<State>;
  /** Runs once every room of the process serves; the process is ready after it. */
  started?: (room: Room<z.output<S>, State>) => Promise<void>;
  /** Runs before the room's database closes. */
  stopped?: (room: Room<z.output<S>, State>) => Promise<void>;
  /** Variables that embedded mode fills in where nobody set them; never in production. */
  development?: (given: Development) => Readonly<Record<string, string>>;
  /**
   * Makes the room's part of the demo data, through real actions, at times that it chooses; safe to run
   * again.
   */
  demo?: (room: Room<z.output<S>, State>, at: (timeMs: number) => void) => Promise<void>;
  /** More of a Moleculer service, where a package demands it (moleculer-web). */
  service?: (room: Room<z.output<S>, State>) => Partial<ServiceSchema>;
};

/** A room with its types closed, as `start` handles it. */
export type AnyRoomDefinition = RoomDefinition<Contract, z.ZodMiniType, never>;

/** Defines a room from its contract; the types of its parts follow from it. */
export const defineRoom = <C extends Contract, S extends z.ZodMiniType, State = undefined>(
  definition: RoomDefinition<C, S, State>,
): AnyRoomDefinition => definition as unknown as AnyRoomDefinition;
