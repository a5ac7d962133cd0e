import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

/**
 * Requests of one kind, so many in all, over so many connections that each send the next when the last is
 * answered.
 */
export type Job = {
  port: number;
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
export type Sent = { elapsedMs: number; latenciesMs: number[]; cpuMs: number };

const HEAD_END = Buffer.from('\r\n\r\n');

const requestText = (job: Job, index: number): string => {
  const head = [
    `${job.method} ${job.path} HTTP/1.1`,
    `Host: 127.0.0.1:${job.port}`,
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

/** One connection that sends one request at a time and tells how long each took. */
export type Lane = { send(job: Job, index: number): Promise<number>; close(): void };

/** Opens a connection that stays open. */
export const openLane = async (port: number): Promise<Lane> => {
  const socket = await open(port);
  let waiting: {
    job: Job;
    sentMs: number;
    resolve: (ms: number) => void;
    reject: (error: Error) => void;
  } | null = null;
  const settle = () => {
    const current = waiting;
    waiting = null;
    return current;
  };
  answersOf(socket, (status, answer) => {
    const current = settle();
    if (!current) return;
    const { job, sentMs, resolve, reject } = current;
    if (status === job.expect) resolve(performance.now() - sentMs);
    else reject(new Error(`${job.method} ${job.path} was answered:\n${answer().slice(0, 2_000)}`));
  });
  const lost = (error?: Error) => settle()?.reject(error ?? new Error('the connection was closed'));
  socket.on('error', lost).on('close', () => lost());
  return {
    send: (job, index) =>
      new Promise((resolve, reject) => {
        const text = requestText(job, index);
        waiting = { job, sentMs: performance.now(), resolve, reject };
        socket.write(text);
      }),
    close: () => socket.destroy(),
  };
};

/** Sends all requests of a job from this process. */
export const sendAll = async (job: Job): Promise<Sent> => {
  const lanes = await Promise.all(Array.from({ length: job.connections }, () => openLane(job.port)));
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

/** Sends all requests of a job from a process of its own, so that its work is not ours. */
export const sendFromOutside = (job: Job): Promise<Sent> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'load-process.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as Sent);
      else reject(new Error('the load generator failed'));
    });
    child.stdin.end(JSON.stringify(job));
  });
