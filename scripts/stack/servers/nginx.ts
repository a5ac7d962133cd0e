import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { processEnv } from '../../../broker/process/config.ts';
import {
  reportTarget,
  sentryDsn,
  sentryEnvironment,
  type ReportTarget,
} from '../../../broker/process/sentry-settings.ts';
import { ensureCertificate } from '../../../nginx/certificate.ts';
import { argumentsFor, checkConfiguration, findNginx, versionOf } from '../../../nginx/program.ts';
import { writeConfiguration, writeSite } from '../../../nginx/render.ts';
import { publicUrlOf } from '../environment.ts';
import { logFileOf, root, tlsFolder, type StackState } from '../folder.ts';
import { portsOf } from '../ports.ts';
import { portAnswers, spawnUnit } from '../spawn-unit.ts';
import type { Unit } from '../unit.ts';

export const EDGE = 'nginx';
/** A request without a host, which nginx refuses itself. */
const REQUEST = Buffer.from('GET / HTTP/1.0\r\n\r\n');

const homeOf = (folder: string): string => join(folder, EDGE);

/** Limits of the stack's overrides for `nginx`, by the names that the template has for them. */
const limitsOf = ({ overrides }: StackState) => {
  const given = overrides[EDGE] ?? {};
  const limit = (name: string, value: string | undefined) => (value ? { [name]: Number(value) } : {});
  return {
    ...limit('signInsPerSecond', given['SIGN_INS_PER_SECOND']),
    ...limit('requestsPerSecond', given['REQUESTS_PER_SECOND']),
    ...limit('requestsAtOnce', given['REQUESTS_AT_ONCE']),
  };
};

/** The prefixes of PROXY_ROUTES. The gateway says what is wrong with others. */
const proxyPrefixes = (): string[] => {
  try {
    return Object.keys(JSON.parse(processEnv()['PROXY_ROUTES'] || '{}') as object);
  } catch {
    return [];
  }
};

/** Where pages report their defects. The gateway says what is wrong with other values. */
const reportsOfPages = (): ReportTarget | null => {
  const given = processEnv();
  const { data: dsn = '' } = sentryDsn.safeParse(given['SENTRY_BROWSER_DSN']);
  const { data: environment = '' } = sentryEnvironment.safeParse(given['SENTRY_ENVIRONMENT']);
  return reportTarget(dsn, { SENTRY_ENVIRONMENT: environment, NODE_ENV: 'production' });
};

const prepare = async (
  program: string,
  folder: string,
  state: StackState,
  gateways: readonly number[],
): Promise<void> => {
  const home = homeOf(folder);
  const { edge, plain, gateway } = portsOf(state.base);
  const webFolder = join(root, 'dist/web');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeConfiguration(home, webFolder);
  writeSite(home, {
    version: await versionOf(program),
    publicUrl: publicUrlOf(state),
    address: '127.0.0.1',
    ports: { https: edge, http: plain },
    gateways: gateways.map((replica) => `127.0.0.1:${gateway(replica)}`),
    certificate: await ensureCertificate(tlsFolder, 'localhost'),
    webFolder,
    accessLog: join(home, 'access.log'),
    limits: limitsOf(state),
    reports: reportsOfPages(),
    hasWorker: processEnv()['SERVICE_WORKER'] !== 'off',
    streamedPrefixes: proxyPrefixes(),
  });
  await checkConfiguration(program, home);
};

type Edge = {
  unit: Unit;
  /** Sends requests to other replicas of the gateway from now on. */
  useGateways(replicas: readonly number[]): Promise<void>;
};

/** nginx in front of the gateways. It is started with those of the last `useGateways`. */
export const nginxUnit = (folder: string, state: StackState): Edge => {
  const program = findNginx() ?? EDGE;
  const { edge, plain } = portsOf(state.base);
  const logFile = logFileOf(folder, EDGE);
  let gateways: readonly number[] = [1];
  let master: number | null = null;
  return {
    unit: {
      name: EDGE,
      kind: 'server',
      what: 'TLS, pages, balancing',
      address: `https://localhost:${edge}`,
      logFile,
      stopSignal: 'SIGTERM',
      launch: async () => {
        await prepare(program, folder, state, gateways);
        const args = argumentsFor(homeOf(folder));
        const cwd = homeOf(folder);
        // The workers of a master that was killed would go on, and hold its ports.
        const spawned = await spawnUnit({ file: program, args, env: {}, cwd, logFile, ownGroup: true });
        master = spawned.pid;
        void spawned.exited.then(() => (master = null));
        return spawned;
      },
      isReady: () => portAnswers(plain, REQUEST, 'HTTP/1.1 421'),
    },
    useGateways: async (replicas) => {
      if (replicas.length === 0 || gateways.join() === replicas.join()) return;
      gateways = replicas;
      if (master === null) return;
      await prepare(program, folder, state, gateways);
      process.kill(master, 'SIGHUP');
    },
  };
};
