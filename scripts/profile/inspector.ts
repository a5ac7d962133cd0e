import { setTimeout as sleep } from 'node:timers/promises';

/** Where Node listens for a debugger after SIGUSR1, unless the process was started with another port. */
const PORT = 9229;
const LIMIT_MS = 5_000;
const POLL_MS = 50;

type Target = { webSocketDebuggerUrl: string };
type Reply = { id?: number; result?: unknown; error?: { message: string } };

/** A session with the inspector of another process. */
export type Inspector = {
  /** @throws Error with the inspector's message */
  send<T>(method: string, params?: object): Promise<T>;
  /** Ends the session; the process stops to listen. */
  close(): Promise<void>;
};

const targetOf = async (): Promise<Target | null> => {
  try {
    const response = await fetch(`http://127.0.0.1:${PORT}/json/list`, {
      signal: AbortSignal.timeout(1_000),
    });
    return ((await response.json()) as Target[])[0] ?? null;
  } catch {
    return null;
  }
};

const opened = (url: string): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => resolve(socket));
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')));
  });

const sessionOn = (socket: WebSocket): Inspector => {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let count = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id = 0, result, error } = JSON.parse(String(data)) as Reply;
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (error) waiter?.reject(new Error(error.message));
    else waiter?.resolve(result);
  });
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => {
      for (const { reject } of waiting.values()) reject(new Error('the process has ended'));
      waiting.clear();
      resolve();
    });
  });
  const send = <T>(method: string, params: object = {}): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = ++count;
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
  return {
    send,
    close: async () => {
      // The process closes the connection before it could answer.
      const expression = `setTimeout(() => process.getBuiltinModule('node:inspector').close(), 0)`;
      await send('Runtime.evaluate', { expression }).catch(() => undefined);
      await Promise.race([closed, sleep(LIMIT_MS, undefined, { ref: false })]);
      socket.close();
    },
  };
};

/**
 * Opens the inspector of a process of the same user, on loopback, as long as the session lasts.
 * @throws Error when another process has the inspector's port, or this one does not open it
 */
export const inspect = async (pid: number): Promise<Inspector> => {
  if (await targetOf()) throw new Error(`a process is being debugged on port ${PORT} already`);
  process.kill(pid, 'SIGUSR1');
  const endMs = performance.now() + LIMIT_MS;
  for (;;) {
    const target = await targetOf();
    if (target) return sessionOn(await opened(target.webSocketDebuggerUrl));
    if (performance.now() > endMs) throw new Error(`process ${pid} does not open its inspector`);
    await sleep(POLL_MS);
  }
};
