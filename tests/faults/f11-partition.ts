import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../system/accounts.ts';
import type { Api } from '../system/client.ts';
import { until } from '../system/timing.ts';
import { assertNoUnexpectedErrors, payment, startLoad } from './load.ts';
import { assertConsumers, waitForEmptyOutbox, assertEventsFlow } from './events.ts';
import type { StackFault } from './fault.ts';
import { startProxy, type Proxy } from './proxy.ts';
import type { System } from './system.ts';

const ERROR_LIMIT_MS = 3_000;
const HEAL_LIMIT_MS = 2_000;

const portOf = (url: string): number => Number(new URL(url).port);

/** The same URL with the proxy's port. */
const through = (url: string, { port }: Proxy): string => {
  const moved = new URL(url);
  moved.port = String(port);
  return moved.href;
};

type Attempt = { status: number | string; tookMs: number; startedMs: number };

/** Clients that never retry: the outcome and duration of each request. */
const startAttempts = (client: Api, label: string) => {
  const attempts: Attempt[] = [];
  let going = true;
  const worker = async (number: number) => {
    for (let index = 0; going; index++) {
      const startedMs = Date.now();
      const headers = { 'idempotency-key': `${label}-${number}-${index}` };
      const reading = number % 2 === 0 ? client.get('/api/payments?limit=5', number) : null;
      const status = await (reading ?? client.post('/api/payments', payment(8_000), headers, number)).then(
        (answer) => answer.status,
        (error: NodeJS.ErrnoException) => error.code ?? error.message,
      );
      attempts.push({ status, startedMs, tookMs: Date.now() - startedMs });
      await sleep(50);
    }
  };
  const workers = Promise.all([0, 1, 2, 3].map(worker));
  return {
    attempts,
    stop: async () => {
      going = false;
      await workers;
    },
  };
};

/** A partition under load: quick errors, no hanging request, and full recovery afterwards. */
const partition = async (system: System, proxy: Proxy, label: string, forMs: number): Promise<string> => {
  await system.ready();
  const client = await signIn(system.urls);
  const single = startAttempts(client, `${label}-once`);
  const load = startLoad(system, client, { label, width: 2, pauseMs: 50 });
  try {
    await until('the load runs', 10_000, () => load.requests.length > 10);
    const how = proxy.partition();
    const cutMs = Date.now();
    await sleep(forMs);
    proxy.heal();
    const healedMs = Date.now();
    const isWell = ({ status, startedMs }: Attempt) =>
      startedMs > healedMs && (status === 200 || status === 201);
    await until('requests are answered again', 20_000, () => single.attempts.filter(isWell).length > 8);
    const backMs = (single.attempts.find(isWell)?.startedMs ?? 0) - healedMs;
    await system.ready();
    await single.stop();
    assertNoUnexpectedErrors(await load.stop());
    const cut = single.attempts.filter(({ startedMs }) => startedMs > cutMs && startedMs < healedMs);
    const slowest = cut.reduce((most, { tookMs }) => Math.max(most, tookMs), 0);
    const counts = [...Map.groupBy(cut, ({ status }) => status)].map(
      ([status, all]) => `${status} ×${all.length}`,
    );
    const figure =
      `${forMs / 1_000} s of ${how}: ${counts.join(', ')}, slowest ${slowest} ms; ` +
      `back ${backMs} ms after it`;
    if (slowest > ERROR_LIMIT_MS || backMs > HEAL_LIMIT_MS) throw new Error(figure);
    await waitForEmptyOutbox(system);
    await assertEventsFlow(system);
    await assertConsumers(system);
    return figure;
  } finally {
    proxy.heal();
    await Promise.allSettled([single.stop(), load.stop()]);
  }
};

/** The connections that are cut: of which service, and the variable with the URL. */
const CUTS: readonly { name: string; service: string; variable: string; url: (system: System) => string }[] =
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
  edge: true,
  title: 'partition of 20 s (short: 8 s) between gateways and RabbitMQ, then payments and PostgreSQL',
  run: async (system, { seed, short }) => {
    if (!system.isOurs) throw new Error('needs a stack of its own, to put proxies in between');
    const cuts = await Promise.all(
      CUTS.map(async (cut) => ({ ...cut, proxy: await startProxy(portOf(cut.url(system))) })),
    );
    const figures: string[] = [];
    let isBroken = false;
    try {
      await system.restartWith(
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
        figures.push(`${name}: ${figure}`);
      }
    } finally {
      await system.restartWith({});
      await Promise.all(cuts.map(({ proxy }) => proxy.close()));
    }
    if (isBroken) throw new Error(figures.join(' · '));
    return figures.join(' · ');
  },
};
