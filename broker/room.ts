import type { ServiceSchema } from 'moleculer';
import type * as z from 'zod/mini';
import type { Action, Contract, ParamsOf, ResultOf } from '../shared/contracts/contract.ts';
import type { Answer, CallOptions } from './call.ts';
import type { Envelope } from './caller.ts';
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
  /**
   * Says to another room, on a way that is not the bus, who stands behind something: text for a header,
   * signed as a call of `to` (`room.name`) would be.
   */
  vouch(to: string, options: CallOptions & { timeoutMs: number }, params: object): string;
  /**
   * Reads what another room vouched for.
   * @throws AppError `forbidden` when it is forged or meant for something else, `timeout` when it is too old
   */
  vouched(to: string, text: string): { envelope: Envelope; params: unknown };
  /** Where the processes of a room take connections of their own, as they say on the bus. */
  placesOf(room: string): Place[];
  /** Whether everything in this process can serve. */
  readiness(): Promise<Readiness>;
};

/** A process of a room that takes connections: its name on the bus and its address, `http://host:port`. */
export type Place = { nodeId: string; address: string };

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
  /**
   * Heard by each process of the room, for what it keeps in memory. What is told while a process has no
   * connection does not reach it: see `deaf` and `hearsAgain`.
   */
  everywhere?: readonly Listener<Room<z.output<S>, State>>[];
  /** What is told `everywhere` is not heard from now on, until `hearsAgain`. */
  deaf?: (room: Room<z.output<S>, State>) => void;
  /** What is told `everywhere` is heard again; what was told meanwhile was missed. */
  hearsAgain?: (room: Room<z.output<S>, State>) => void;
  hints?: Readonly<Record<string, (room: Room<z.output<S>, State>, payload: never) => void>>;
  state?: (room: Room<z.output<S>, undefined>) => State | Promise<State>;
  /** Where a process without a database asks what time it is. */
  time?: (room: Room<z.output<S>, State>) => Promise<number>;
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
