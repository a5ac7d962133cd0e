import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectOverTls } from 'node:tls';
import type { Sample, Steady } from './steady-load.ts';

/**
 * A number of requests of one kind, over connections that each send the next request after the last response.
 */
export type Job = {
  /** Connections are distributed evenly over them. */
  ports: readonly number[];
  /** Connections are encrypted: the certificate of the authority that has signed the server's. */
  authority?: string;
  connections: number;
  requests: number;
  method: 'GET' | 'POST';
  path: string;
  token: string;
  body?: string;
  /** Each request gets an Idempotency-Key that starts with this. */
  keyPrefix?: string;
  /** Sent as If-None-Match. */
  etag?: string;
  /** Any other status ends the run with an error. */
  expect: number;
};
/** A request of a job, independent of its target. */
export type Request = Omit<Job, 'ports' | 'authority' | 'connections' | 'requests'>;
type Sent = { elapsedMs: number; latenciesMs: number[]; cpuMs: number };

const HEAD_END = Buffer.from('\r\n\r\n');

const requestText = (job: Request, port: number, index: number): string => {
  const head = [
    `${job.method} ${job.path} HTTP/1.1`,
    `Host: localhost:${port}`,
    `Authorization: Bearer ${job.token}`,
    ...(job.keyPrefix === undefined ? [] : [`Idempotency-Key: ${job.keyPrefix}-${index}`]),
    ...(job.etag === undefined ? [] : [`If-None-Match: ${job.etag}`]),
    ...(job.body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(job.body)}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${job.body ?? ''}`;
};

/** Parses responses from a connection and calls back with the status of each. */
const answersOf = (socket: Socket, answered: (status: number, text: () => string) => void): void => {
  let held: Buffer | null = null;
  socket.on('data', (chunk) => {
    held = held === null ? chunk : Buffer.concat([held, chunk]);
    const headEnd = held.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = held.toString('latin1', 0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (held.length < headEnd + 4 + length) return;
    const whole = held;
    held = null;
    answered(Number(head.slice(9, 12)), () => whole.toString('utf8'));
  });
};

const open = (port: number, authority?: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const to = { port, host: '127.0.0.1', noDelay: true };
    const socket = authority
      ? connectOverTls({ ...to, servername: 'localhost', ca: readFileSync(authority) }, () => resolve(socket))
      : connect(to, () => resolve(socket));
    socket.once('error', reject);
  });

export type Answer = { status: number; latencyMs: number; text: () => string };

/** A connection that sends one request at a time and measures its latency. */
export type Connection = {
  /** @throws Error when the connection is lost */
  request(request: Request, index: number): Promise<Answer>;
  /** @returns the latency. @throws Error also for an unexpected status */
  send(request: Request, index: number): Promise<number>;
  close(): void;
};

/** Opens a connection that stays open; encrypted where there is an authority. */
export const openConnection = async (port: number, authority?: string): Promise<Connection> => {
  const socket = await open(port, authority);
  let waiting: { sentMs: number; resolve: (answer: Answer) => void; reject: (error: Error) => void } | null =
    null;
  const settle = () => {
    const current = waiting;
    waiting = null;
    return current;
  };
  answersOf(socket, (status, text) => {
    const current = settle();
    current?.resolve({ status, latencyMs: performance.now() - current.sentMs, text });
  });
  const lost = (error?: Error) => settle()?.reject(error ?? new Error('the connection was closed'));
  socket.on('error', lost).on('close', () => lost());
  const send: Connection['request'] = (request, index) =>
    new Promise((resolve, reject) => {
      const text = requestText(request, port, index);
      waiting = { sentMs: performance.now(), resolve, reject };
      if (socket.destroyed) lost();
      else socket.write(text);
    });
  return {
    request: send,
    send: async (request, index) => {
      const { status, latencyMs, text } = await send(request, index);
      if (status === request.expect) return latencyMs;
      throw new Error(`${request.method} ${request.path} was answered:\n${text().slice(0, 2_000)}`);
    },
    close: () => socket.destroy(),
  };
};

/** Opens connections, distributed evenly over the ports. */
export const openConnections = (
  ports: readonly number[],
  count: number,
  authority?: string,
): Promise<Connection[]> =>
  Promise.all(
    Array.from({ length: count }, (_, at) => openConnection(ports[at % ports.length] as number, authority)),
  );

/** Sends all requests of a job from this process. */
export const sendAll = async (job: Job): Promise<Sent> => {
  const connections = await openConnections(job.ports, job.connections, job.authority);
  const latenciesMs: number[] = [];
  let next = 0;
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const drive = async (connection: Connection) => {
    while (next < job.requests) latenciesMs.push(await connection.send(job, next++));
  };
  await Promise.all(connections.map(drive)).finally(() =>
    connections.forEach((connection) => connection.close()),
  );
  const { user, system } = process.cpuUsage(startedCpu);
  return { elapsedMs: performance.now() - startedMs, latenciesMs, cpuMs: (user + system) / 1_000 };
};

/** Runs work in a process of its own, so that its CPU time is separate. */
const runOutside = <T>(work: object): Promise<T> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'load-process.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as T);
      else reject(new Error('the load generator failed'));
    });
    child.stdin.end(JSON.stringify(work));
  });

/** Sends all requests of a job from a process of its own. */
export const sendFromOutside = (job: Job): Promise<Sent> => runOutside({ job });

/** Sends a steady job from a process of its own. */
export const sendSteadilyFromOutside = (steady: Steady): Promise<Sample[]> => runOutside({ steady });
