import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { socketOf } from './folder.ts';

/** Reports progress to the client, one line at a time. */
export type Say = (text: string) => void;
export type Command = (args: readonly string[], say: Say) => Promise<unknown>;

type Request = { command: string; args: readonly string[] };
type Line = { said: string } | { result: unknown } | { error: string };

const onLine = (socket: Socket, use: (line: string) => void): void => {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) use(line);
  });
};

const answer = async (
  socket: Socket,
  { command: name, args }: Request,
  commands: Readonly<Record<string, Command>>,
) => {
  const send = (line: Line) => socket.writable && socket.write(`${JSON.stringify(line)}\n`);
  try {
    const command = commands[name];
    if (!command) throw new Error(`The supervisor has no command "${name}".`);
    send({ result: (await command(args, (said) => send({ said }))) ?? null });
  } catch (error) {
    send({ error: (error as Error).message });
  }
  socket.end();
};

/** Serves commands on the stack's socket, one per connection. */
export const serveControl = (
  folder: string,
  commands: Readonly<Record<string, Command>>,
): Promise<Server> => {
  const path = socketOf(folder);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onLine(socket, (line) => void answer(socket, JSON.parse(line) as Request, commands));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
};

/** No supervisor listens on the stack's socket. */
export class NotRunning extends Error {
  override readonly name = 'NotRunning';
}

/**
 * Sends a command to a stack's supervisor.
 * @param say receives its progress reports
 * @throws NotRunning when there is no supervisor; Error with its message when it refuses
 */
export const sendCommand = <T>(
  folder: string,
  command: string,
  args: readonly string[] = [],
  say: Say = () => undefined,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(socketOf(folder));
    socket.once('connect', () => socket.write(`${JSON.stringify({ command, args } satisfies Request)}\n`));
    const absent = () => reject(new NotRunning('The stack is not running.'));
    socket.once('error', absent);
    onLine(socket, (text) => {
      const line = JSON.parse(text) as Line;
      if ('said' in line) say(line.said);
      else if ('error' in line) reject(new Error(line.error));
      else resolve(line.result as T);
    });
    // No effect after an answer: this is for a supervisor that ended without one.
    socket.once('close', absent);
  });
