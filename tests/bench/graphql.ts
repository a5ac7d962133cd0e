// What the same read costs over GraphQL against REST, in one process that serves both.
import { tokenOf } from '../system/accounts.ts';
import { median } from '../system/statistics.ts';
import { contest, perRequestUs, type Server, type Sums } from './contest.ts';
import { startFilled } from './filled-instance.ts';
import type { Request } from './load.ts';
import type { Quiet } from './machine.ts';
import { getRequest, jobOf, listRequest } from './payment-jobs.ts';
import type { Line } from './table.ts';

type GraphqlOptions = { quick: boolean; quiet: Quiet };

const CONNECTIONS = 4;
const GOAL = 1.5;
const FLOOR = 2;

/** What REST answers of a payment. */
const PAYMENT = `id status amountMinor currency payer { id name email } payee { id name email } paymentMethod
  description metadata failure { code } version createdAt updatedAt`;
const LIST = `query ($first: Int) { paymentsList(first: $first) {
  nodes { ${PAYMENT} } pageInfo { endCursor } } }`;
const GET = `query ($id: PaymentId!) { paymentsGet(id: $id) {
  ${PAYMENT} timeline { at status reason } } }`;

const requestOf = (token: string, query: string, variables: object): Request => ({
  method: 'POST',
  path: '/api/graphql',
  token,
  body: JSON.stringify({ query, variables }),
  expect: 200,
});

const linesOf = (what: string, [graphql, rest]: readonly [Sums, Sums]): Line[] => {
  const [us, restUs] = [Math.round(perRequestUs(graphql)), Math.round(perRequestUs(rest))];
  const [ms, restMs] = [median(graphql.latenciesMs), median(rest.latenciesMs)];
  return [
    {
      measure: `graphql ${what} against REST, CPU of our process per request`,
      goal: GOAL,
      floor: FLOOR,
      unit: '×',
      measured: perRequestUs(graphql) / perRequestUs(rest),
      detail:
        `${us} against ${restUs} µs; p50 ${ms.toFixed(1)} against ${restMs.toFixed(1)} ms; ` +
        'PostgreSQL counts for neither',
    },
  ];
};

export const measureGraphql = async (port: number, { quick, quiet }: GraphqlOptions): Promise<Line[]> => {
  const { instance, user } = await startFilled(port, quick ? 2_000 : 20_000);
  const token = await tokenOf(instance.urls, user.email);
  const [url = ''] = instance.urls;
  const page = await fetch(`${url}${listRequest(token).path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { items } = (await page.json()) as { items: { id: string }[] };
  const id = items[0]?.id ?? '';
  // Each side has an array of its own, by which its request is found.
  const server = (): Server => ({ ports: [instance.port], processes: { payloom: instance.pid } });
  const size = { requests: quick ? 200 : 2_000, connections: CONNECTIONS };
  const lines: Line[] = [];
  for (const [what, graphql, rest] of [
    ['a payment', requestOf(token, GET, { id }), getRequest(token, id)],
    ['a list of 25', requestOf(token, LIST, { first: 25 }), listRequest(token)],
  ] as const) {
    await quiet.check(`graphql, ${what}`);
    const sides = [server(), server()] as const;
    const request = (ports: readonly number[]) => (ports === sides[0].ports ? graphql : rest);
    const sums = await contest(sides, (ports) => jobOf(request(ports), ports, size), quick ? 1 : 3);
    lines.push(...linesOf(what, sums));
  }
  return lines;
};
