import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { socketOf } from './folder.ts';

/** Tells whoever asked how it goes, a line at a time. */
export type Say = (text: string) => void;
export type Command = (args: readonly string[], say: Say) => Promise<unknown>;

type Question = { command: string; args: readonly string[] };
type Line = { said: string } | { result: unknown } | { error: string };

const onLine = (socket: Socket, use: (line: string) => void): void => {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) use(line);
  });
};

const answer = async (socket: Socket, question: Question, commands: Readonly<Record<string, Command>>) => {
  const send = (line: Line) => socket.writable && socket.write(`${JSON.stringify(line)}\n`);
  try {
    const command = commands[question.command];
    if (!command) throw new Error(`The supervisor knows no "${question.command}".`);
    send({ result: (await command(question.args, (said) => send({ said }))) ?? null });
  } catch (error) {
    send({ error: (error as Error).message });
  }
  socket.end();
};

/** Listens on the stack's socket; one question per connection. */
export const serveControl = (
  folder: string,
  commands: Readonly<Record<string, Command>>,
): Promise<Server> => {
  const path = socketOf(folder);
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onLine(socket, (line) => void answer(socket, JSON.parse(line) as Question, commands));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve(server);
    });
  });
};

/** Nobody listens on the stack's socket. */
export class NotRunning extends Error {
  override readonly name = 'NotRunning';
}

/**
 * Asks a stack's supervisor.
 * @throws NotRunning when there is none; Error with its sentence when it refuses
 */
export const ask = <T>(
  folder: string,
  command: string,
  args: readonly string[] = [],
  say: Say = () => undefined,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(socketOf(folder));
    socket.once('connect', () => socket.write(`${JSON.stringify({ command, args } satisfies Question)}\n`));
    const absent = () => reject(new NotRunning('The stack is not running.'));
    socket.once('error', absent);
    onLine(socket, (text) => {
      const line = JSON.parse(text) as Line;
      if ('said' in line) say(line.said);
      else if ('error' in line) reject(new Error(line.error));
      else resolve(line.result as T);
    });
    // An answer that came before settled the promise; this is for a supervisor that ended without one.
    socket.once('close', absent);
  });
