import { join } from 'node:path';
import { processEnv } from '../../broker/process/config.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { keyOf, root, secretOf, type StackState } from './folder.ts';
import { GATEWAYS_MAX, portsOf } from './ports.ts';
import { rabbitmqUrl } from './servers/rabbitmq.ts';

export type Variables = Record<string, string>;

/** The service that takes HTTP requests. */
export const GATEWAY = 'gateway';
/** The service that takes sockets on ports of its own. */
export const REALTIME = 'realtime';

const nameOf = ({ contract }: AnyServiceDefinition): string => contract.service;

const keyName = (service: string): string => `SERVICE_KEY_${service.toUpperCase().replaceAll('-', '_')}`;

/** nginx's address. */
export const publicUrlOf = ({ base }: StackState): string => `https://localhost:${portsOf(base).edge}`;

export const redisPasswordOf = (state: StackState): string => secretOf(state, 'redis password');

const redisUrl = (state: StackState): string =>
  state.given.redis ?? `redis://:${redisPasswordOf(state)}@127.0.0.1:${portsOf(state.base).redis}`;

const processorUrl = ({ base }: StackState): string => `http://127.0.0.1:${portsOf(base).sandbox}`;

/** A service's development settings, such as the sandbox's address and secrets, with this stack's ports. */
const ownVariables = (definition: AnyServiceDefinition, state: StackState): Variables => {
  const secret = (name: string, prefix: string) => secretOf(state, name, prefix);
  const variables = { ...definition.development?.({ port: state.base, portOf: () => state.base, secret }) };
  if ('PROCESSOR_URL' in variables) variables['PROCESSOR_URL'] = processorUrl(state);
  return variables;
};

const gatewayVariables = (state: StackState, replica: number): Variables => {
  const { edge, gateway } = portsOf(state.base);
  // Tests and operators may also use a gateway directly.
  const origins = Array.from({ length: GATEWAYS_MAX }, (_, at) => `http://localhost:${gateway(at + 1)}`);
  return {
    PORT: String(gateway(replica)),
    GATEWAY_EXTRA_ORIGINS: origins.join(','),
    // nginx.
    TRUSTED_PROXIES: '127.0.0.1',
    EDGE_ADDRESS: `127.0.0.1:${edge}`,
    WATCHDOG_MS: '2000',
    PROXY_ROUTES: processEnv()['PROXY_ROUTES'] ?? '',
    SENTRY_BROWSER_DSN: processEnv()['SENTRY_BROWSER_DSN'] ?? '',
    SERVICE_WORKER: processEnv()['SERVICE_WORKER'] || 'on',
  };
};

const sandboxVariables = (state: StackState): Variables => ({
  SANDBOX_PORT: String(portsOf(state.base).sandbox),
  SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${portsOf(state.base).gateway(1)}/api/webhooks/processor`,
});

/** Of the bridge to POC-2, which a stack has where the first of them is set. */
const bridgeVariables = (): Variables => ({
  POC2_BRIDGE_REDIS_URL: processEnv()['POC2_BRIDGE_REDIS_URL'] ?? '',
  POC2_BRIDGE_SCHEMES: processEnv()['POC2_BRIDGE_SCHEMES'] ?? '',
});

const databaseVariables = ({ database }: AnyServiceDefinition, { databases }: StackState): Variables => {
  const address = database && databases[database.env];
  return database && address ? { [database.env]: address } : {};
};

/** The service's own key, to verify its callers, and the keys of the services that it calls. */
export const keysOf = (
  { contract, calls = [] }: AnyServiceDefinition,
  state: Pick<StackState, 'secrets'>,
): Variables =>
  Object.fromEntries(
    [contract.service, ...calls].map((service) => [keyName(service), keyOf(state, service)]),
  );

/**
 * Lets many processes share a machine: semi-spaces of 4 MB instead of 16, one V8 thread beside the main one,
 * fewer arenas for native memory, whose freed parts are returned. Saves about 20 MB per idle process.
 */
export const SMALL_PROCESS: Variables = {
  NODE_OPTIONS: '--max-semi-space-size=4 --v8-pool-size=1',
  MALLOC_ARENA_MAX: '2',
  MALLOC_TRIM_THRESHOLD_: '65536',
};

/** Where spans go, and which: as OpenTelemetry names it. What a file held is among them by its own name. */
const tracesVariables = (): Variables =>
  Object.fromEntries(
    Object.entries(processEnv()).filter(
      (one): one is [string, string] => one[0].startsWith('OTEL_') && !one[0].endsWith('_FILE'),
    ),
  );

/** Node's cache of compiled code: a process is ready in half the time. */
export const COMPILE_CACHE: Variables = { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile') };

/** The whole environment of one process: only what this service needs. */
export const environmentOf = (
  definition: AnyServiceDefinition,
  replica: number,
  given: { state: StackState; metricsPort: number },
): Variables => {
  const { state, metricsPort } = given;
  const service = nameOf(definition);
  return {
    PATH: processEnv()['PATH'] ?? '',
    NODE_ENV: 'production',
    ...COMPILE_CACHE,
    ...SMALL_PROCESS,
    LOG_LEVEL: processEnv()['LOG_LEVEL'] || 'info',
    ...tracesVariables(),
    EVENTS_KEPT_DAYS: processEnv()['EVENTS_KEPT_DAYS'] ?? '',
    EVENTS_WAIT_HOURS: processEnv()['EVENTS_WAIT_HOURS'] ?? '',
    SENTRY_DSN: processEnv()['SENTRY_DSN'] ?? '',
    SENTRY_ENVIRONMENT: processEnv()['SENTRY_ENVIRONMENT'] ?? '',
    SERVICES: service,
    REPLICA: String(replica),
    HOST: '127.0.0.1',
    METRICS_PORT: String(metricsPort),
    PUBLIC_URL: publicUrlOf(state),
    RABBITMQ_URL: rabbitmqUrl(state, service),
    REDIS_URL: redisUrl(state),
    ...keysOf(definition, state),
    ...databaseVariables(definition, state),
    ...ownVariables(definition, state),
    ...(service === GATEWAY ? gatewayVariables(state, replica) : {}),
    ...(service === 'processor-sandbox' ? sandboxVariables(state) : {}),
    ...(service === 'poc2-bridge' ? bridgeVariables() : {}),
    ...(service === REALTIME ? { REALTIME_PORT: String(portsOf(state.base).realtime(replica)) } : {}),
    ...state.overrides['*'],
    ...state.overrides[service],
  };
};

/** The variables of an operator of the whole stack: the REPL, tests, benches. */
export const operatorVariables = (all: readonly AnyServiceDefinition[], state: StackState): Variables => ({
  ...state.databases,
  ...Object.fromEntries(
    all.map((definition) => [keyName(nameOf(definition)), keyOf(state, nameOf(definition))]),
  ),
  ...Object.assign({}, ...all.map((definition) => ownVariables(definition, state))),
  ...sandboxVariables(state),
  PUBLIC_URL: publicUrlOf(state),
  RABBITMQ_URL: rabbitmqUrl(state, 'operator'),
  REDIS_URL: redisUrl(state),
});
