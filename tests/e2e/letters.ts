import type { Page } from '@playwright/test';

const AT = '2026-11-23T09:30:00.000Z';
const causes = [
  'error: duplicate key value violates unique constraint "notifications_pkey"',
  'its payload is not of version 1: payerId: Invalid input: expected string, received undefined',
];

const letter = (index: number) => ({
  service: 'realtime',
  id: `realtime:evt_${String(index).padStart(32, '0')}`,
  eventId: `evt_${String(index).padStart(32, '0')}`,
  event: 'payments.completed',
  version: 1,
  cause: causes[index % 2],
  attempts: index % 3 === 0 ? null : 5,
  firstFailureAt: AT,
  lastFailureAt: AT,
  requestId: `req_${index}`,
  traceId: null,
  sizeBytes: 101,
});

const run = (over: object) => ({
  id: `dlr_${'0'.repeat(32)}`,
  act: 'replay',
  reason: 'The column is there again',
  orderedBy: `usr_${'0'.repeat(32)}`,
  startedAt: AT,
  finishedAt: null,
  ...{ count: 500, done: 200, gone: 0, problem: null },
  ...over,
});

/** The pages see these dead letters: services of the instance under test have none. */
export const withLetters = async (page: Page, count = 30): Promise<void> => {
  const items = Array.from({ length: count }, (_value, index) => letter(index));
  const answer = (path: string | RegExp, json: object) =>
    page.route(path, (route) => route.fulfill({ json }));
  await answer(/\/api\/admin\/dead-letters(\?.*)?$/, {
    items: items.slice(0, 25),
    nextCursor: count > 25 ? 'next' : null,
    matches: count,
    services: [
      { service: 'realtime', dead: count, reachable: true },
      { service: 'payments', dead: 0, reachable: false },
    ],
  });
  await answer(/\/api\/admin\/dead-letters\/realtime/, {
    ...letter(1),
    payload: JSON.stringify({ id: 'pay_1', amountMinor: 1_250, refreshToken: '[removed]' }, null, 2),
  });
  await answer('**/api/admin/dead-letter-runs', {
    items: [run({}), run({ id: 'dlr_1', finishedAt: AT, done: 500 })],
  });
  await page.route('**/api/admin/dead-letters/*', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const { ids, preview } = route.request().postDataJSON() as { ids: string[]; preview: boolean };
    const found = [{ service: 'realtime', event: 'payments.completed', count: ids.length }];
    await route.fulfill({
      json: { run: preview ? null : run({ count: ids.length, done: 0 }), found, missing: [] },
    });
  });
};
