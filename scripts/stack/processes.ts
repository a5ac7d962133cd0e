import { join } from 'node:path';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { environmentOf, GATEWAY, REALTIME, type Variables } from './environment.ts';
import { logFileOf, root, type StackState } from './folder.ts';
import { GATEWAYS_MAX, portsOf, REALTIME_MAX } from './ports.ts';
import { spawnUnit } from './spawn-unit.ts';
import type { Unit } from './unit.ts';

const REPLICAS: Readonly<Record<string, number>> = { gateway: 2, payments: 2, realtime: 2 };
const REPLICAS_MAX = 20;
/** Replicas of services that listen on fixed ports, which are limited. */
const LISTENING_MAX: Readonly<Record<string, number>> = {
  [GATEWAY]: GATEWAYS_MAX,
  [REALTIME]: REALTIME_MAX,
  'processor-sandbox': 1,
};
const READY_LIMIT_MS = 1_000;

export const replicasOf = (state: StackState, service: string): number =>
  state.replicas[service] ?? REPLICAS[service] ?? 1;

export const replicasMaxOf = (service: string): number => LISTENING_MAX[service] ?? REPLICAS_MAX;

/** @throws Error when a service cannot have so many replicas */
export const checkReplicas = (service: string, count: number): void => {
  const most = replicasMaxOf(service);
  if (!Number.isInteger(count) || count < 0 || count > most) {
    throw new Error(`${service} runs at most ${most} ${most === 1 ? 'time' : 'times'} in a stack.`);
  }
};

export const processName = (service: string, replica: number): string => `${service}-${replica}`;

const metricsPortOf = (state: StackState, name: string): number => {
  const { from, to } = portsOf(state.base).metrics;
  const taken = new Set(Object.values(state.metricsPorts));
  let port = from;
  while (taken.has(port)) port++;
  if (port > to) throw new Error(`A stack has ports for ${to - from + 1} processes.`);
  return (state.metricsPorts[name] ??= port);
};

const isReady = async (metricsPort: number): Promise<boolean> => {
  const url = `http://127.0.0.1:${metricsPort}/health/ready`;
  const response = await fetch(url, { signal: AbortSignal.timeout(READY_LIMIT_MS) });
  await response.body?.cancel();
  return response.status === 200;
};

type Given = { folder: string; state: StackState };

const addressOf = (env: Variables, metricsPort: number): string => {
  if (env['PORT']) return `http://localhost:${env['PORT']}`;
  return `http://127.0.0.1:${env['SANDBOX_PORT'] ?? env['REALTIME_PORT'] ?? `${metricsPort}/metrics`}`;
};

/** One process with one service in it. */
export const processUnit = (definition: AnyServiceDefinition, replica: number, given: Given): Unit => {
  const { folder, state } = given;
  const { service } = definition.contract;
  const name = processName(service, replica);
  const metricsPort = metricsPortOf(state, name);
  const logFile = logFileOf(folder, name);
  const env = environmentOf(definition, replica, { state, metricsPort });
  return {
    name,
    kind: 'process',
    service,
    what: `service ${service}`,
    address: addressOf(env, metricsPort),
    metricsPort,
    logFile,
    stopSignal: 'SIGTERM',
    launch: () =>
      spawnUnit({
        file: process.execPath,
        args: [join(root, 'broker/process/start.ts')],
        env,
        cwd: root,
        logFile,
      }),
    isReady: () => isReady(metricsPort),
  };
};
