import { ADMIN } from '../system/accounts.ts';
import { become } from './actions.ts';
import { expect, test } from './spec.ts';

test('an administrator sees what the server delivers, and which file is missing or altered', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, ADMIN);
  await page.goto('/admin/micro-frontends');
  const list = page.getByRole('list', { name: 'Micro-frontends' });
  await expect(list.getByRole('heading', { level: 2 })).toHaveText(['admin', 'auth', 'payments', 'profile']);
  await expect(list.getByText('Complete')).toHaveCount(4);

  await page.route('**/mfes/profile/*/assets/mount-*.js', (route) => route.fulfill({ status: 404 }));
  await page.route('**/mfes/payments/*/federated/remoteEntry.js', (route) =>
    route.fulfill({ body: 'altered()' }),
  );
  await page.getByRole('button', { name: 'Check again' }).click();
  const remote = (name: string) =>
    list.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) });
  await expect(remote('profile').getByText('Broken')).toBeVisible();
  await expect(remote('profile').getByText(/^\/mfes\/profile\/[0-9a-f]{12}\/assets\/mount-/)).toBeVisible();
  await expect(remote('payments').getByText('Broken')).toBeVisible();
  await expect(remote('auth').getByText('Complete')).toBeVisible();

  await page.route('**/mfes/manifest.json', (route) => route.abort());
  await page.getByRole('button', { name: 'Check again' }).click();
  await expect(page.getByRole('alert')).toContainText('The list of micro-frontends could not be read');
});
