import type { OpenChannel } from '../amqp/channel.ts';
import { startConsumer, type RawDelivery } from './consumer.ts';

const delivery = (channel: OpenChannel, name: string, deliveries: number): RawDelivery =>
  ({
    channel,
    raw: { content: Buffer.from(name), properties: { headers: { 'x-delivery-count': deliveries } } },
  }) as unknown as RawDelivery;

/** A consumer whose deliveries end when the test says so, and what it did. */
const consumerOf = (concurrency: number) => {
  const acked: string[] = [];
  const underWay = new Map<string, (settled: boolean) => void>();
  const channel = {
    ack: (raw: RawDelivery['raw']) => acked.push(raw.content.toString()),
    cancel: async () => undefined,
  } as unknown as OpenChannel;
  const consumer = startConsumer(
    concurrency,
    ({ raw }) => new Promise((resolve) => underWay.set(raw.content.toString(), resolve)),
  );
  consumer.open(channel);
  const end = async (name: string, settled = true) => {
    underWay.get(name)!(settled);
    underWay.delete(name);
    await new Promise(setImmediate);
  };
  const add = (name: string, deliveries = 0) => consumer.add(delivery(channel, name, deliveries));
  return { consumer, add, end, acked, running: () => [...underWay.keys()].sort() };
};

describe('a consumer', () => {
  it('limits its concurrency and acknowledges settled deliveries', async () => {
    const { add, end, acked, running } = consumerOf(2);
    for (const name of ['a', 'b', 'c']) add(name);
    expect(running()).toEqual(['a', 'b']);
    await end('b');
    await end('a', false);
    expect([running(), acked]).toEqual([['c'], ['b']]);
  });

  it('runs a suspect alone, before all others', async () => {
    const { add, end, running } = consumerOf(4);
    add('running');
    add('suspect', 3);
    add('other', 2);
    add('new');
    expect(running()).toEqual(['running']);
    await end('running');
    const [first] = running();
    expect(['suspect', 'other']).toContain(first);
    expect(running()).toHaveLength(1);
    await end(first!);
    const [second] = running();
    expect([first, second].sort()).toEqual(['other', 'suspect']);
    await end(second!);
    expect(running()).toEqual(['new']);
  });

  it('accepts nothing after stop and waits for the running deliveries', async () => {
    const { consumer, add, end, acked, running } = consumerOf(1);
    add('a');
    add('b');
    let stopped = false;
    const stopping = consumer.stop().then(() => (stopped = true));
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    await end('a');
    await stopping;
    expect([running(), acked]).toEqual([[], ['a']]);
  });
});
