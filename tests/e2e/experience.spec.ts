import type { Sample } from '../../shared/contracts/analytics.ts';
import { ADMIN } from '../system/accounts.ts';
import { apiOf, become } from './actions.ts';
import { expect, test } from './spec.ts';

test('what browsers measured is on the page Experience, and by version among the micro-frontends', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, ADMIN);
  const samples: Sample[] = [
    { kind: 'lcp', of: '/set-password', value: 4_500 },
    { kind: 'view', of: '/set-password', value: 3 },
    { kind: 'call', of: 'auth.passwordLink', value: 70, detail: 'ok' },
    { kind: 'remote', of: 'auth', value: 120, detail: 'abcdefabcdef' },
  ];
  await apiOf(context.request, url).post('/api/analytics', { samples });
  await expect(async () => {
    await page.goto('/admin/experience');
    const row = page.getByRole('row', { name: '/set-password' });
    await expect(row).toContainText('poor', { timeout: 3_000 });
  }).toPass();
  await expect(page.getByRole('row', { name: 'auth.passwordLink' })).toContainText('69 ms');
  await page.getByLabel('Page', { exact: true }).selectOption('/set-password');
  await page.getByText('The days as a table').click();
  await expect(page.getByRole('region', { name: 'Days' }).getByRole('row')).toHaveCount(2);
  await page.goto('/admin/micro-frontends');
  await expect(page.getByRole('listitem').filter({ hasText: 'abcdefabcdef' }).first()).toContainText(
    '0 failed',
  );
});
