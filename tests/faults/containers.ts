import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Pool } from 'pg';
import { docker, listContainers } from '../../scripts/compose/docker.ts';
import { keepAcks, type Acks } from './acks.ts';
import { limits, type Database, type Platform } from './system.ts';

/** The system of docker/compose.yml as a project of its own, with nginx in front. */
export type Containers = Pick<Acks, 'ack'> &
  Platform & {
    verify(): Promise<ReturnType<Acks['verify']>>;
    /** What nginx has logged of requests that failed, and why; the last lines. */
    failuresAtNginx(): Promise<string[]>;
    close(): Promise<void>;
  };

const PORTS = { https: 9443, http: 9080 };
const SHOWN = 10;
const URL_OF_NGINX = `https://localhost:${PORTS.https}`;

/** What the compose file takes from the environment, here of this process. */
const settings = {
  COMPOSE_PROJECT_NAME: 'payloom-faults',
  PUBLIC_URL: URL_OF_NGINX,
  HTTPS_PORT: String(PORTS.https),
  HTTP_PORT: String(PORTS.http),
  FRONT_SUBNET: '10.77.78.0/24',
  GATEWAY_LIMITS: limits,
};

/** A service's address for this machine, which reaches all networks of its engine. */
const addressOf = async (service: string): Promise<string> => {
  const found = (await listContainers()).find((one) => one.service === service && one.isRunning);
  if (!found) throw new Error(`${service} is not running`);
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
  return (await docker(['inspect', '--format', format, found.id])).trim().split(' ')[0] ?? '';
};

/** The operator's secrets, with addresses that this machine reaches. */
const operatorEnv = async (): Promise<Record<string, string>> => {
  const print = 'cd /run/secrets && for name in *; do echo "$name=$(cat "$name")"; done';
  const lines = await docker(['compose', 'run', '--rm', '--no-deps', '-T', 'migrate', 'sh', '-c', print]);
  const [postgres, sandbox] = [await addressOf('postgres'), await addressOf('processor-sandbox')];
  const secrets = lines
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
    .map(([name, value]) => [name, value.replace('@postgres:', `@${postgres}:`)] as const);
  return {
    ...Object.fromEntries(secrets),
    PUBLIC_URL: URL_OF_NGINX,
    PROCESSOR_URL: `http://${sandbox}:3091`,
  };
};

const trustAuthority = async (): Promise<void> => {
  const authority = await docker(['compose', 'exec', '-T', 'edge', 'cat', '/tls/ca.crt']);
  setDefaultCACertificates([...getCACertificates('default'), authority]);
};

const failuresAtNginx = async (): Promise<string[]> => {
  const lines = await docker(['compose', 'logs', '--no-log-prefix', '--no-color', 'edge']);
  return lines
    .split('\n')
    .filter((line) => /"status":5|\[error\]/.test(line))
    .slice(-SHOWN);
};

/** Starts the containers; the images are built if they are missing. */
export const openContainers = async (): Promise<Containers> => {
  Object.assign(process.env, settings);
  const folder = mkdtempSync(join(tmpdir(), 'payloom-faults-'));
  const remove = async (): Promise<void> => {
    await docker(['compose', 'down', '--volumes', '--timeout', '5']);
    rmSync(folder, { recursive: true, force: true });
  };
  const pools = new Map<Database, Pool>();
  try {
    console.log(`starting the containers "${settings.COMPOSE_PROJECT_NAME}"`);
    await docker(['compose', 'up', '--detach', '--wait']);
    await trustAuthority();
    const env = await operatorEnv();
    const oracleEnv = { ...process.env, ...env };
    const { ack, verify } = keepAcks(join(folder, 'acks'), oracleEnv);
    return {
      ack,
      verify: async () => {
        // Containers that were replaced have other addresses.
        Object.assign(oracleEnv, await operatorEnv());
        return verify();
      },
      failuresAtNginx,
      urls: [URL_OF_NGINX],
      env,
      database: (service) => {
        const connectionString = env[`${service.toUpperCase()}_DATABASE_URL`];
        const pool = pools.get(service) ?? new Pool({ connectionString, max: 4 });
        pools.set(service, pool);
        return pool;
      },
      close: async () => {
        await Promise.all([...pools.values()].map((pool) => pool.end()));
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};
