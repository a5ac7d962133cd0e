import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import moleculerConfig from '../../moleculer.config.ts';
import { isDistributed } from './bus.ts';
import { correctableClock } from './clock.ts';
import { ConfigError, processEnv, type Env } from './config.ts';
import { claimDataFolder, dataFolderOf, portOf } from './data-folder.ts';
import { obeyLevelFile } from './log-levels.ts';
import { createLogger, type Logger } from './logger.ts';
import { programVersion } from './program-version.ts';
import { readProcessSettings } from './process-settings.ts';
import { startFailure } from './start-failure.ts';
import type { AnyServiceDefinition } from './service.ts';
import { findServices } from './find-services.ts';
import { runServices } from './run.ts';
import { startWatchdog } from './watchdog.ts';
import { serveOperations } from '../telemetry/operations.ts';

const STOP_LIMIT_MS = 10_000;

const isProduction = (env: Env): boolean => env['NODE_ENV'] === 'production';

const banner = (definitions: readonly AnyServiceDefinition[], env: Env, embedded: boolean): string => {
  const url = env['PUBLIC_URL'] || `http://localhost:${portOf(env)}`;
  const lines = [`Payloom is ready at ${url}`];
  if (embedded) {
    lines.push(
      ...definitions.flatMap((definition) => definition.banner?.(env) ?? []),
      `  API docs       ${url}/api/docs`,
      `  Metrics        http://127.0.0.1:${readProcessSettings(env).metricsPort}/metrics`,
      `  Log            ${join(dataFolderOf(env), 'payloom.log')}`,
      'Ctrl-C ends everything.',
    );
  }
  return `${lines.join('\n')}\n`;
};

/** Shuts down once, in order; a second signal ends the process at once. */
const stopOnSignal = (stop: () => Promise<void>, log: Logger) => {
  let stopping = false;
  const onSignal = () => {
    if (stopping) process.exit(130);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'shutdown failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
};

/** Shutdown steps, run in reverse order. */
type ShutdownStep = () => void | Promise<void>;

const shutDown = async (steps: ShutdownStep[]): Promise<void> => {
  for (let step = steps.pop(); step; step = steps.pop()) await step();
};

/** Prepares development: embedded parts, a data folder, demo data. */
const prepare = async (
  definitions: readonly AnyServiceDefinition[],
  given: Env,
  log: Logger,
  steps: ShutdownStep[],
): Promise<Env> => {
  // It may come before `obeyLevelFile`, as soon as the folder names this process, and would end it.
  process.on('SIGUSR2', () => undefined);
  steps.push(claimDataFolder(dataFolderOf(given)));
  // Loaded only here: a process of the distributed system needs none of it.
  const [{ prepareEmbedded }, { ensureDemoData }] = await Promise.all([
    import('./embedded.ts'),
    import('./demo-data.ts'),
  ]);
  const embedded = await prepareEmbedded(definitions, given, log, { listens: true });
  steps.push(embedded.stop);
  await ensureDemoData(embedded.env);
  return embedded.env;
};

/**
 * Frees the memory of the start, which V8 would otherwise keep until the heap has grown. A thorough
 * collection would take 0.15 s more; V8 returns the rest within seconds.
 */
const freeStartMemory = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

const start = async (): Promise<void> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const given = processEnv();
  const { metricsPort, logLevel, watchdogMs, tracing, sentry } = readProcessSettings(given);
  const development = !isProduction(given);
  const replica = given['REPLICA'] || '1';
  const folder = dataFolderOf(given);
  if (development) mkdirSync(folder, { recursive: true });
  const root = createLogger({
    level: logLevel,
    file: development ? join(folder, 'payloom.log') : undefined,
    replica,
  });
  const log = root.child({ service: 'process' });
  const steps: ShutdownStep[] = [];
  stopOnSignal(() => shutDown(steps), log);
  try {
    // All of OpenTelemetry is loaded only where spans are exported.
    if (tracing !== null) {
      const { startTracing } = await import('../telemetry/opentelemetry.ts');
      const service = given['SERVICES'] || 'payloom';
      steps.push(startTracing({ ...tracing, service, replica, log }));
    }
    if (sentry !== null) {
      const { startSentry } = await import('../telemetry/sentry.ts');
      const services = given['SERVICES'] || 'payloom';
      steps.push(startSentry({ ...sentry, release: `payloom@${programVersion()}`, services }));
    }
    const definitions = await findServices(given);
    const env = development ? await prepare(definitions, given, log, steps) : given;
    const relay = isDistributed(env) || !env['SERVICES'];
    const clock = correctableClock();
    const repl = process.argv.includes('--repl');
    const settings = { definitions, env, clock, log: root, broker: moleculerConfig, relay, adapters: repl };
    const running = await runServices(settings);
    steps.push(running.stop);
    if (development) obeyLevelFile(folder, running.levels, log);
    const operations = await serveOperations({
      host: env['HOST'] || '127.0.0.1',
      port: metricsPort,
      readiness: running.readiness,
    });
    steps.push(() => void operations.close());
    freeStartMemory();
    if (watchdogMs > 0) startWatchdog(watchdogMs, log);
    if (running.services.has('gateway')) process.stdout.write(banner(definitions, env, development));
    if (repl) {
      const { jobsCommand, openRepl } = await import('./repl.ts');
      const stop = () => shutDown(steps);
      openRepl(running, stop, [jobsCommand(running)], () => {
        // Ctrl-D in a terminal ends everything. A script's end does not: the services serve others.
        if (process.stdin.isTTY) void stop().then(() => process.exit(0));
        else log.info('the REPL has reached the end of its input; the services keep running');
      });
    }
  } catch (error) {
    log.error(
      error instanceof ConfigError ? {} : { err: error },
      startFailure(error, () => given),
    );
    await shutDown(steps);
    throw error;
  }
};

start().catch((error: unknown) => {
  process.stderr.write(`${startFailure(error, processEnv)}\n`);
  process.exit(1);
});
