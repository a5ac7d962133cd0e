import { payment, signIn, sleep, until, type Api } from './client.ts';
import { insistOnConsumers, insistOnEmptyOutbox, insistOnEvents } from './events.ts';
import type { StackFault } from './fault.ts';
import { insistOnManners, startLoad } from './load.ts';
import { startProxy, type Proxy } from './proxy.ts';
import type { System } from './system.ts';

const ERROR_LIMIT_MS = 3_000;
const HEAL_LIMIT_MS = 2_000;

const portOf = (url: string): number => Number(new URL(url).port);

/** The same address, through the proxy. */
const through = (url: string, { port }: Proxy): string => {
  const moved = new URL(url);
  moved.port = String(port);
  return moved.href;
};

type Asked = { status: number | string; tookMs: number; startedMs: number };

/** Clients that ask once and never again: what they hear, and how soon. */
const startAsking = (client: Api, label: string) => {
  const asked: Asked[] = [];
  let going = true;
  const lane = async (number: number) => {
    for (let index = 0; going; index++) {
      const startedMs = Date.now();
      const headers = { 'idempotency-key': `${label}-${number}-${index}` };
      const ask = number % 2 === 0 ? client.get('/api/payments?limit=5', number) : null;
      const status = await (ask ?? client.post('/api/payments', payment(8_000), headers, number)).then(
        (answer) => answer.status,
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      );
      asked.push({ status, startedMs, tookMs: Date.now() - startedMs });
      await sleep(50);
    }
  };
  const lanes = Promise.all([0, 1, 2, 3].map(lane));
  return {
    asked,
    stop: async () => {
      going = false;
      await lanes;
    },
  };
};

/** A partition under load: errors soon, no hang; afterwards everything is as before. */
const partition = async (system: System, proxy: Proxy, label: string, forMs: number): Promise<string> => {
  await system.ready();
  const client = await signIn(system.urls);
  const asking = startAsking(client, `${label}-once`);
  const load = startLoad(system, client, { label, width: 2, pauseMs: 50 });
  try {
    await until('the load runs', 10_000, () => load.requests.length > 10);
    const how = proxy.partition();
    const cutMs = Date.now();
    await sleep(forMs);
    proxy.heal();
    const healedMs = Date.now();
    const isWell = ({ status, startedMs }: Asked) =>
      startedMs > healedMs && (status === 200 || status === 201);
    await until('answers come again', 20_000, () => asking.asked.filter(isWell).length > 8);
    const backMs = (asking.asked.find(isWell)?.startedMs ?? 0) - healedMs;
    await system.ready();
    await asking.stop();
    insistOnManners(await load.stop());
    const cut = asking.asked.filter(({ startedMs }) => startedMs > cutMs && startedMs < healedMs);
    const slowest = cut.reduce((most, { tookMs }) => Math.max(most, tookMs), 0);
    const counts = [...Map.groupBy(cut, ({ status }) => status)].map(
      ([status, all]) => `${status} ×${all.length}`,
    );
    const said =
      `${forMs / 1_000} s of ${how}: ${counts.join(', ')}, slowest ${slowest} ms; ` +
      `back ${backMs} ms after it`;
    if (slowest > ERROR_LIMIT_MS || backMs > HEAL_LIMIT_MS) throw new Error(said);
    await insistOnEmptyOutbox(system);
    await insistOnEvents(system);
    await insistOnConsumers(system);
    return said;
  } finally {
    proxy.heal();
    await Promise.allSettled([asking.stop(), load.stop()]);
  }
};

/** Each way that is cut: whose, and the variable that leads there. */
const WAYS: readonly { name: string; service: string; variable: string; url: (system: System) => string }[] =
  [
    {
      name: 'gateway to RabbitMQ',
      service: 'gateway',
      variable: 'RABBITMQ_URL',
      url: (system) => system.loginOf('gateway'),
    },
    {
      name: 'payments to PostgreSQL',
      service: 'payments',
      variable: 'PAYMENTS_DATABASE_URL',
      url: (system) => system.env['PAYMENTS_DATABASE_URL'] ?? '',
    },
  ];

export const partitions: StackFault = {
  on: 'stack',
  name: 'F11-partition',
  title: 'partition of 20 s (short: 8 s) between gateways and RabbitMQ, then payments and PostgreSQL',
  short: true,
  run: async (system, { seed, short }) => {
    if (!system.isOurs) throw new Error('needs a stack of its own, to put proxies in the way');
    const cuts = await Promise.all(
      WAYS.map(async (way) => ({ ...way, proxy: await startProxy(portOf(way.url(system))) })),
    );
    const said: string[] = [];
    let isBroken = false;
    try {
      await system.again(
        Object.fromEntries(
          cuts.map(({ service, variable, url, proxy }) => [
            service,
            { [variable]: through(url(system), proxy) },
          ]),
        ),
      );
      for (const [index, { name, proxy }] of cuts.entries()) {
        const figure = await partition(system, proxy, `f11-${seed}-${index}`, short ? 8_000 : 20_000).catch(
          (error: Error) => {
            isBroken = true;
            return `BROKEN ${error.message}`;
          },
        );
        said.push(`${name}: ${figure}`);
      }
    } finally {
      await system.again({});
      await Promise.all(cuts.map(({ proxy }) => proxy.close()));
    }
    if (isBroken) throw new Error(said.join(' · '));
    return said.join(' · ');
  },
};
