// Runs detached, once per stack: keeps its servers and processes running and answers on its socket.
import { rmSync } from 'node:fs';
import { findServices } from '../../broker/process/find-services.ts';
import { serveControl, type Say } from './control.ts';
import { readState, socketOf } from './folder.ts';
import { supervise } from './supervise.ts';

const folder = process.argv[2] ?? '';
const state = readState(folder);
if (!state) throw new Error(`There is no stack in ${folder}.`);

const log: string[] = [];
const listeners = new Set<Say>();
const say: Say = (text) => {
  log.push(text);
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
  for (const tell of listeners) tell(text);
};

const stack = supervise({ folder, state, definitions: await findServices({}), say });
let ending: Promise<void> | null = null;
const end = (): Promise<void> => (ending ??= stack.end());
const started = stack.start();
started.then(
  () => say('everything is ready'),
  (error: Error) => say(error.message),
);

/** Tells what has happened so far and what follows, until everything is ready or cannot be. */
const follow = async (_args: readonly string[], tell: Say): Promise<void> => {
  for (const text of log) tell(text);
  listeners.add(tell);
  await started.finally(() => listeners.delete(tell));
};

const server = await serveControl(folder, {
  follow,
  status: () => stack.status(),
  stop: ([name = '', signal]) => stack.stop(name, signal as NodeJS.Signals | undefined),
  start: ([name = '']) => stack.startAgain(name),
  restart: ([name = ''], tell) => stack.restart(name, tell),
  scale: ([service = '', count = '']) => stack.scale(service, Number(count)),
  down: async () => {
    await end();
    setImmediate(leave);
  },
});

/** Once it is down there is nothing left to supervise; whoever asked for it hears so first. */
const leave = async (): Promise<void> => {
  await end();
  rmSync(socketOf(folder), { force: true });
  server.close(() => process.exit(0));
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave());
