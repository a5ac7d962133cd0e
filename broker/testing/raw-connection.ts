import { connect, type Socket } from 'node:net';
import { eventually } from './eventually.ts';

/** A connection that sends exactly what it is given, which no HTTP client does. */
export type RawConnection = {
  send(...lines: string[]): void;
  /** All text received so far. */
  received(): string;
  /** Resolves with the text received once it matches. */
  receives(pattern: RegExp): Promise<string>;
  /** Resolves with all text received when the server has closed the connection. */
  ended: Promise<string>;
  close(): void;
};

/** Lines of a request's head; the connection stays open after its response unless a line says otherwise. */
export const head = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');

export const openRaw = async (port: number): Promise<RawConnection> => {
  // It keeps its own side open when the server ends its side, as a client may.
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => resolve(text)).once('close', () => resolve(text));
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    send: (...lines) => void socket.write(lines.join('')),
    received: () => text,
    receives: async (pattern) => {
      await eventually(() => expect(text).toMatch(pattern));
      return text;
    },
    ended,
    close: () => socket.destroy(),
  };
};

/** The response to one request, whose connection closes after it. */
export const rawResponse = async (port: number, line: string, ...headers: string[]): Promise<string> => {
  const connection = await openRaw(port);
  connection.send(head(line, 'Connection: close', ...headers));
  const text = await connection.ended;
  connection.close();
  return text;
};
