// docker/compose.yml without a container engine: what it promises, and that each service would start with it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { readKeys } from '../../broker/calls/service-keys.ts';
import { postgresUrl, readConfig } from '../../broker/process/config.ts';
import { findServices } from '../../broker/process/find-services.ts';
import { root } from '../stack/folder.ts';
import { secretFiles } from './secrets.ts';

type Volume = {
  type: string;
  source: string;
  target: string;
  read_only?: boolean;
  volume?: { subpath: string };
};
type Container = {
  image: string;
  restart?: string;
  ports?: string[];
  profiles?: string[];
  mem_limit?: string;
  read_only?: boolean;
  environment?: Record<string, string>;
  volumes?: (string | Volume)[];
  networks?: string[];
  network_mode?: string;
  healthcheck?: { disable?: boolean };
  stop_grace_period?: string;
  deploy?: { replicas: number };
};
type Compose = {
  services: Record<string, Container>;
  networks: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } }>;
};

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
/** Text with the default of each `${NAME:-default}`. */
const withDefaults = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
const { services: containers, networks } = parse(withDefaults(read('docker/compose.yml')), {
  merge: true,
}) as Compose;

const definitions = await findServices({});
const files = secretFiles(definitions, { secrets: {} });
const names = Object.keys(containers);
const ours = definitions.map((definition) => ({ definition, name: definition.contract.service }));
const isOneShot = (name: string): boolean => containers[name]?.restart === 'no';

const secretsOf = ({ volumes = [] }: Container): Volume | undefined =>
  volumes.filter((one) => typeof one === 'object').find(({ source }) => source === 'secrets');

test('every service has a container, and only nginx is published beyond this machine', () => {
  expect(ours.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
  const published = names.filter((name) => containers[name]?.ports);
  expect(published.filter((name) => !containers[name]?.profiles)).toEqual(['edge']);
  const optional = published.filter((name) => containers[name]?.profiles);
  expect(optional).toEqual(expect.arrayContaining(['mail', 'prometheus', 'jaeger', 'grafana']));
  for (const name of optional)
    expect(containers[name]?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
});

test.each(names)(
  '%s has a memory limit, a restart policy and a health check, unless it runs once',
  (name) => {
    const { mem_limit: limit, restart, healthcheck, image } = containers[name] as Container;
    expect(limit).toMatch(/^\d+m$/);
    if (isOneShot(name)) return;
    expect(restart).toBe('unless-stopped');
    // The images of this project have one of their own.
    if (!image.startsWith('payloom')) expect(healthcheck).toBeDefined();
    expect(healthcheck?.disable).toBeUndefined();
  },
);

test('the limits of all containers that run together stay below 4 GB', () => {
  const limits = names
    .filter((name) => !isOneShot(name) && !containers[name]?.profiles)
    .map(
      (name) =>
        Number.parseInt(containers[name]?.mem_limit ?? '', 10) * (containers[name]?.deploy?.replicas ?? 1),
    );
  expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(4_096);
});

test.each(names)('%s has no secret in its environment, and finds each file that it names', (name) => {
  const container = containers[name] as Container;
  const environment = Object.entries(container.environment ?? {});
  // CERTIFICATE_KEY is the path of a file.
  const isSecret = /(?<!CERTIFICATE)(^|_)(KEY|SECRET|SEAL|PASSWORD|DATABASE_URL|RABBITMQ_URL|REDIS_URL)(_|$)/;
  expect(environment.filter(([variable]) => isSecret.test(variable) && !variable.endsWith('_FILE'))).toEqual(
    [],
  );
  const named = environment.filter(([variable]) => variable.endsWith('_FILE'));
  if (named.length === 0) return;
  const folder = secretsOf(container)?.volume?.subpath ?? '';
  expect(secretsOf(container)).toMatchObject({ target: '/run/secrets', read_only: true });
  const missing = named.filter(
    ([, path]) => files[folder]?.[path.replace('/run/secrets/', '')] === undefined,
  );
  expect(missing).toEqual([]);
});

const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(containers[name]?.environment ?? {}).map(([variable, value]) =>
      variable.endsWith('_FILE')
        ? [variable.slice(0, -'_FILE'.length), files[name]?.[value.replace('/run/secrets/', '')] ?? '']
        : [variable, String(value ?? '')],
    ),
  );

test.each(ours)('$name starts with its variables: each is set that it needs', ({ definition, name }) => {
  const given = { NODE_ENV: 'production', HOST: '0.0.0.0', ...environmentOf(name) };
  const env = name === 'realtime' ? { ...given, REALTIME_ADDRESS: 'http://0123456789ab:3094' } : given;
  expect(readConfig(definition.config, env).problems).toEqual([]);
  expect(readKeys([definition], env, true).problems).toEqual([]);
  const { database } = definition;
  if (database) expect(postgresUrl.safeParse(env[database.env as keyof typeof env]).error).toBeUndefined();
});

const sourcesBelow = (folder: string): string =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.includes('.test.'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
const broker = sourcesBelow('broker');

test.each(ours)('$name reads each variable that it is given, and has its own secrets only', ({ name }) => {
  const sources = broker + sourcesBelow(`services/${name}`);
  const unread = Object.keys(environmentOf(name)).filter(
    (variable) => !variable.startsWith('SERVICE_KEY_') && !new RegExp(`\\b${variable}\\b`).test(sources),
  );
  expect(unread).toEqual([]);
  expect(secretsOf(containers[name] as Container)?.volume?.subpath).toBe(name);
});

test.each(ours)(
  '$name runs without root on a file system that cannot be written, and has time to stop',
  ({ name }) => {
    expect(containers[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: '15s',
    });
    const payloom = read('docker/Dockerfile')
      .split(/^FROM /m)
      .find((stage) => stage.includes(' AS payloom\n'));
    expect(payloom).toMatch(/^USER node$/m);
  },
);

test('servers and services reach each other, and nothing else reaches them', () => {
  const inside = names.filter((name) => !['edge', 'secrets'].includes(name));
  expect(networks['bus']?.internal).toBe(true);
  expect(networks['data']?.internal).toBe(true);
  expect(containers['postgres']?.networks).toEqual(['data']);
  expect(containers['rabbitmq']?.networks).toEqual(['bus']);
  expect(containers['redis']?.networks).toEqual(['bus']);
  expect(inside.filter((name) => containers[name]?.networks?.includes('front'))).toEqual(['gateway']);
  expect(containers['edge']?.networks).toEqual(['front']);
  expect(containers['secrets']?.network_mode).toBe('none');
});

test.each(ours)('$name reaches Sentry and a receiver of spans outside', ({ name }) => {
  const outside = containers[name]?.networks?.filter((one) => networks[one] && !networks[one].internal);
  expect(outside).toHaveLength(1);
});

test('gateways trust the network of nginx as proxies, and no other', () => {
  const subnet = networks['front']?.ipam?.config[0]?.subnet;
  expect(environmentOf('gateway')['TRUSTED_PROXIES']).toBe(subnet);
});

test('no layer of an image holds a secret or a local file that may be one', () => {
  const ignored = read('.dockerignore')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  expect(ignored[0]).toBe('*');
  expect(ignored.filter((line) => /^!.*(env|payloom|secret)/.test(line))).toEqual([]);
  expect(read('docker/Dockerfile')).not.toMatch(/^(ARG|ENV) .*(SECRET|PASSWORD|KEY|SEAL)/m);
});

const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    join(dirname(file), path),
  );

const stageOf = (name: string): string =>
  new RegExp(`^FROM \\S+ AS ${name}\\n(.*?)^FROM `, 'ms').exec(read('docker/Dockerfile'))?.[1] ?? '';

/** What programs import, and what that imports, that a stage of the Dockerfile does not copy. */
const missingIn = (stage: string, programs: readonly string[]): string[] => {
  const copied = [...stageOf(stage).matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
    paths.split(' '),
  );
  const imported = new Set(programs);
  // A set's iteration reaches what is added meanwhile.
  for (const file of imported) for (const path of importsOf(file)) imported.add(path);
  expect(imported.size).toBeGreaterThan(10);
  const isThere = (file: string) => copied.some((one) => file === one || file.startsWith(`${one}/`));
  const isLeftOut = (file: string) => /\.test\.ts$|\/testing\//.test(file);
  return [...imported].filter((file) => !isThere(file) || isLeftOut(file));
};

test('the image has every file that its programs import', () => {
  const started = `${read('docker/compose.yml')}${stageOf('payloom')}`;
  const programs = [...started.matchAll(/node[", ]+([\w/-]+\.ts)/g)].map(([, path = '']) => path);
  expect(programs).toEqual(expect.arrayContaining(['scripts/compose/secrets.ts', 'scripts/migrate.ts']));
  expect(missingIn('payloom', programs)).toEqual([]);
});

test('the pages are built with every file that their build imports', () => {
  expect(missingIn('pages', ['scripts/build-mfes.ts', 'mfes/build-one.ts'])).toEqual([]);
});
