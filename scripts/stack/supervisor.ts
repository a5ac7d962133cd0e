// A detached process per stack: supervises servers and processes and serves commands on a socket.
import { rmSync } from 'node:fs';
import { processEnv } from '../../broker/process/config.ts';
import { allServices } from '../../broker/process/find-services.ts';
import { serveControl, type Say } from './control.ts';
import { readState, socketOf } from './folder.ts';
import { superviseStack } from './supervise-stack.ts';

const folder = process.argv[2] ?? '';
const state = readState(folder);
if (!state) throw new Error(`There is no stack in ${folder}.`);

const log: string[] = [];
const clients = new Set<Say>();
const say: Say = (text) => {
  log.push(text);
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
  for (const report of clients) report(text);
};

const stack = superviseStack({ folder, state, definitions: await allServices(processEnv()), say });
let ending: Promise<void> | null = null;
const end = (): Promise<void> => (ending ??= stack.end());
const started = stack.start();
started.then(
  () => say('everything is ready'),
  (error: Error) => say(error.message),
);

/** Reports the log so far and what is added, until the start has succeeded or failed. */
const followStart = async (_args: readonly string[], report: Say): Promise<void> => {
  for (const text of log) report(text);
  clients.add(report);
  await started.finally(() => clients.delete(report));
};

const server = await serveControl(folder, {
  follow: followStart,
  status: () => stack.status(),
  stop: ([name = '', signal]) => stack.stop(name, signal as NodeJS.Signals | undefined),
  start: ([name = '', how]) => stack.startAgain(name, how !== 'at once'),
  restart: ([name = ''], report) => stack.restart(name, report),
  scale: ([service = '', count = '']) => stack.scale(service, Number(count)),
  down: async () => {
    await end();
    setImmediate(exit);
  },
});

/** Exits once the stack is down; the client that requested it is answered first. */
const exit = async (): Promise<void> => {
  await end();
  rmSync(socketOf(folder), { force: true });
  server.close(() => process.exit(0));
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void exit());
