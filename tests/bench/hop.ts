import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { shop } from '../../broker/testing/shop-service.ts';
import { joinTestBus, newKey } from '../../broker/testing/test-bus.ts';
import { startRabbit } from '../../broker/testing/rabbitmq.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { percentile } from '../system/statistics.ts';
import type { Line } from './table.ts';

type Side = { name: string; hop: () => Promise<unknown>; times: number[] };

const startProcess = async (file: string, args: string[]): Promise<ChildProcess> => {
  const child = fork(join(import.meta.dirname, file), args, { execArgv: [] });
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', reject);
  });
  return child;
};

/** A call as in RabbitMQ's manual: direct reply-to, responses matched by correlation id. */
const rawCaller = async (url: string, queue: string) => {
  const model = await connect(url, { noDelay: true });
  const channel = await model.createChannel();
  const waiting = new Map<string, (answer: unknown) => void>();
  const replyTo = 'amq.rabbitmq.reply-to';
  const take = (message: { properties: { correlationId: string }; content: Buffer } | null) => {
    if (!message) return;
    const id = message.properties.correlationId;
    waiting.get(id)?.(JSON.parse(message.content.toString()));
    waiting.delete(id);
  };
  await channel.consume(replyTo, take as never, { noAck: true });
  const hop = () =>
    new Promise((resolve) => {
      const correlationId = randomUUID();
      waiting.set(correlationId, resolve);
      const content = Buffer.from(JSON.stringify({ text: 'x'.repeat(100) }));
      channel.sendToQueue(queue, content, { replyTo, correlationId });
    });
  return { hop, close: () => model.close() };
};

const run = async (side: Side, calls: number, keep: boolean): Promise<void> => {
  for (let i = 0; i < calls; i++) {
    const startedMs = performance.now();
    await side.hop();
    if (keep) side.times.push(performance.now() - startedMs);
  }
};

const linesOf = (ours: Side, raw: Side): Line[] => {
  const [p50, rawP50] = [percentile(ours.times, 0.5), percentile(raw.times, 0.5)];
  const [p99, rawP99] = [percentile(ours.times, 0.99), percentile(raw.times, 0.99)];
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  const detail = `p50 ${ms(p50)} against ${ms(rawP50)}, p99 ${ms(p99)} against ${ms(rawP99)}`;
  return [
    {
      measure: 'P5 one hop, p50, × raw amqplib',
      goal: 1.3,
      floor: null,
      measured: p50 / rawP50,
      unit: '×',
      detail,
    },
    {
      measure: 'P5 one hop, p50 added (µs)',
      goal: null,
      floor: 800,
      measured: (p50 - rawP50) * 1000,
      unit: '',
    },
    { measure: 'P5 one hop, p99', goal: 5, floor: null, measured: p99, unit: 'ms' },
  ];
};

/**
 * P5: a typed, signed call of a service in another process, against a direct-reply call with bare amqplib,
 * one after the other, in turns (A B B A), over the same RabbitMQ.
 */
export const measureHop = async (quick: boolean): Promise<Line[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-hop-'));
  const rabbit = await startRabbit();
  const children: ChildProcess[] = [];
  try {
    const key = newKey();
    const nodeId = 'shop-1-aaaaaa';
    const served = JSON.stringify({ url: rabbit.url, key, nodeId, folder });
    children.push(await startProcess('../../broker/testing/shop-process.ts', [served]));
    children.push(await startProcess('raw-echo.ts', [rabbit.url, 'raw-echo']));
    const gateway = await joinTestBus({ url: rabbit.url, key, nodeId: 'gateway-1-bbbbbb' });
    const bare = await rawCaller(rabbit.url, 'raw-echo');
    const text = 'x'.repeat(100);
    const ours: Side = { name: 'ours', hop: () => gateway.call(shop.actions.echo, { text }), times: [] };
    const raw: Side = { name: 'raw', hop: bare.hop, times: [] };
    await eventually(() => gateway.broker.registry.nodes.has(nodeId));
    const calls = quick ? 500 : 2_000;
    for (const side of [ours, raw, raw, ours]) await run(side, calls, false);
    for (let round = 0; round < (quick ? 1 : 3); round++)
      for (const side of [ours, raw, raw, ours]) await run(side, calls, true);
    await gateway.stop();
    await bare.close();
    return linesOf(ours, raw);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await rabbit.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
