import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Node option: on SIGUSR1 the debugger opens on a free port. */
export const DEBUGGER_ANYWHERE = '--inspect-port=127.0.0.1:0';

const LIMIT_MS = 10_000;

const addressIn = (logFile: string): string | undefined =>
  [...readFileSync(logFile, 'utf8').matchAll(/^Debugger listening on (ws:\S+)$/gm)].at(-1)?.[1];

/** The URL of a process's debugger, which is opened the first time. */
const debuggerOf = async ({ pid, logFile }: Collected): Promise<string> => {
  const known = addressIn(logFile);
  if (known) return known;
  process.kill(pid, 'SIGUSR1');
  for (const endMs = performance.now() + LIMIT_MS; performance.now() < endMs; await sleep(50)) {
    const address = addressIn(logFile);
    if (address) return address;
  }
  throw new Error(`the debugger of ${pid} did not open`);
};

/** A Node process with its output in a file. */
type Collected = { pid: number; logFile: string };

/** Collects a process's garbage (Chrome DevTools Protocol, HeapProfiler). */
export const collectGarbage = async (of: Collected): Promise<void> => {
  const socket = new WebSocket(await debuggerOf(of));
  try {
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`the debugger of ${of.pid} cannot be reached`));
    });
    for (let id = 1; id <= 3; id++) {
      const done = new Promise((resolve) => (socket.onmessage = resolve));
      socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
      await done;
      await sleep(500);
    }
  } finally {
    socket.close();
  }
};
