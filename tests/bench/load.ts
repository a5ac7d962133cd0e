import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Sample, Steady } from './steady-load.ts';

/**
 * Requests of one kind, so many in all, over so many connections that each send the next when the last is
 * answered.
 */
export type Job = {
  /** Connections are shared out among them alike. */
  ports: readonly number[];
  connections: number;
  requests: number;
  method: 'GET' | 'POST';
  path: string;
  token: string;
  body?: string;
  /** Each request gets an Idempotency-Key of its own that starts with this. */
  keyPrefix?: string;
  /** Any other status is a mistake and ends the run. */
  expect: number;
};
/** One of them, wherever it goes. */
export type Request = Omit<Job, 'ports' | 'connections' | 'requests'>;
export type Sent = { elapsedMs: number; latenciesMs: number[]; cpuMs: number };

const HEAD_END = Buffer.from('\r\n\r\n');

const requestText = (job: Request, port: number, index: number): string => {
  const head = [
    `${job.method} ${job.path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${job.token}`,
    ...(job.keyPrefix === undefined ? [] : [`Idempotency-Key: ${job.keyPrefix}-${index}`]),
    ...(job.body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(job.body)}`]),
  ];
  return `${head.join('\r\n')}\r\n\r\n${job.body ?? ''}`;
};

/** Reads one answer after the other from a connection; calls back with the status when an answer is whole. */
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

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });

export type Answer = { status: number; latencyMs: number; text: () => string };

/** One connection that sends one request at a time and tells how long each took. */
export type Lane = {
  /** @throws Error when the connection is lost */
  ask(request: Request, index: number): Promise<Answer>;
  /** @throws Error also when the answer is not the one that is expected */
  send(request: Request, index: number): Promise<number>;
  close(): void;
};

/** Opens a connection that stays open. */
export const openLane = async (port: number): Promise<Lane> => {
  const socket = await open(port);
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
  const ask: Lane['ask'] = (request, index) =>
    new Promise((resolve, reject) => {
      const text = requestText(request, port, index);
      waiting = { sentMs: performance.now(), resolve, reject };
      if (socket.destroyed) lost();
      else socket.write(text);
    });
  return {
    ask,
    send: async (request, index) => {
      const { status, latencyMs, text } = await ask(request, index);
      if (status === request.expect) return latencyMs;
      throw new Error(`${request.method} ${request.path} was answered:\n${text().slice(0, 2_000)}`);
    },
    close: () => socket.destroy(),
  };
};

/** So many connections, shared out among the ports alike. */
export const openLanes = (ports: readonly number[], count: number): Promise<Lane[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => openLane(ports[at % ports.length] as number)));

/** Sends all requests of a job from this process. */
export const sendAll = async (job: Job): Promise<Sent> => {
  const lanes = await openLanes(job.ports, job.connections);
  const latenciesMs: number[] = [];
  let next = 0;
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const drive = async (lane: Lane) => {
    while (next < job.requests) latenciesMs.push(await lane.send(job, next++));
  };
  await Promise.all(lanes.map(drive)).finally(() => lanes.forEach((lane) => lane.close()));
  const { user, system } = process.cpuUsage(startedCpu);
  return { elapsedMs: performance.now() - startedMs, latenciesMs, cpuMs: (user + system) / 1_000 };
};

/** Runs work in a process of its own, so that what it costs is not ours. */
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
