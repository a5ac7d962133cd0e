import moleculerConfig from '../../moleculer.config.ts';
import type { Action, ParamsOf, ResultOf } from '../../shared/contracts/contract.ts';
import { send, type Answer, type CallOptions } from '../calls/call.ts';
import type { Caller } from '../calls/envelope.ts';
import { systemClock, type Clock } from '../process/clock.ts';
import { processEnv } from '../process/config.ts';
import { createLogger, type Logger } from '../process/logger.ts';
import type { AnyServiceDefinition, Service } from '../process/service.ts';
import { runServices } from '../process/run.ts';
import { throwAwayDatabase } from './throw-away-database.ts';

export type TestServices = {
  /**
   * Calls an action over the bus as an outside request does, without a caller by default; `from` makes it a
   * service's call.
   */
  call<A extends Action>(action: A, params: ParamsOf<A>, as?: TestCaller): Promise<ResultOf<A>>;
  /** Like `call`, and says whether the answer was a replay. */
  send<A extends Action>(action: A, params: ParamsOf<A>, as?: TestCaller): Promise<Answer<ResultOf<A>>>;
  /** Makes a call with arbitrary meta, as a foreign node would. */
  bus(action: string, params: object, meta: object): Promise<unknown>;
  service(name: string): Service;
  readiness: Awaited<ReturnType<typeof runServices>>['readiness'];
  stop(): Promise<void>;
};
export type TestCaller = Partial<Omit<CallOptions, 'caller'>> & { as?: Caller; from?: string };

/**
 * Runs services as `npm start` does, on throw-away databases.
 * @param options.env variables beside those that the services' own development defaults give
 */
export const startServices = async (
  definitions: readonly AnyServiceDefinition[],
  options: { env?: Record<string, string>; clock?: Clock; log?: Logger } = {},
): Promise<TestServices> => {
  const clock = options.clock ?? systemClock;
  const env: Record<string, string> = { ...options.env };
  const databases: { drop(): Promise<void> }[] = [];
  const secret = (name: string, prefix: string) =>
    `${prefix}${Buffer.from(name).toString('hex').padEnd(36, '0')}`;
  const port = Number(env['PORT'] ?? 3000);
  const given = { port, portOf: () => port, secret };
  for (const { database, development } of definitions) {
    for (const [name, value] of Object.entries(development?.(given) ?? {})) env[name] ??= value;
    if (!database || env[database.env]) continue;
    const made = await throwAwayDatabase(database.migrations);
    databases.push(made);
    env[database.env] = made.url;
  }
  const log = options.log ?? createLogger({ level: processEnv()['TEST_LOG'] ?? 'silent' });
  const running = await runServices({ definitions, env, clock, log, broker: moleculerConfig });
  let requests = 0;
  const sendAs: TestServices['send'] = (action, params, as = {}) =>
    send({ ...running.origin, service: as.from ?? 'gateway' }, action, params, {
      address: as.from ? null : '127.0.0.1',
      ...as,
      caller: as.as ?? null,
      requestId: as.requestId ?? `test-${++requests}`,
    });
  return {
    send: sendAs,
    call: async (action, params, as) => (await sendAs(action, params, as)).result,
    bus: (action, params, meta) => running.broker.call(action, params, { meta }),
    service: (name) => {
      const service = running.services.get(name);
      if (!service) throw new Error(`service ${name} is not running`);
      return service;
    },
    readiness: running.readiness,
    stop: async () => {
      await running.stop();
      for (const database of databases) await database.drop();
    },
  };
};
