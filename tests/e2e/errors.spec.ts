import { CUSTOMER, VENDOR } from '../system/accounts.ts';
import { become, becomeNew, pay, signOut } from './actions.ts';
import { expect, heading, test } from './spec.ts';

test('an unknown URL shows an error page that leads back', async ({ page, context, url }) => {
  await page.goto('/no/such/page');
  await expect(heading(page, 'There is no page at this address')).toBeVisible();
  await expect(page).toHaveTitle('Page not found · Payloom');
  await become(context, url, CUSTOMER);
  await page.reload();
  await page.getByRole('link', { name: 'Go to the start page' }).click();
  await expect(heading(page, 'Payments')).toBeVisible();
});

test('neither another user’s payment nor an unknown one is shown', async ({
  page,
  context,
  url,
  another,
}) => {
  const other = await another();
  await becomeNew(other.context(), url);
  const { id } = await pay(other.context(), url, { description: 'Private to its payer' });
  await becomeNew(context, url);
  for (const path of [`/payments/${id}`, '/payments/pay_made-up']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'There is no such payment' })).toBeVisible();
    await expect(page.getByText('Private to its payer')).toHaveCount(0);
  }
  await page.getByRole('link', { name: 'All payments' }).first().click();
  await expect(heading(page, 'Payments')).toBeVisible();
});

test('a missing remote shows an error card, the rest works, and a retry needs no reload', async ({
  page,
  context,
  url,
  expected,
}) => {
  expected.errors = [/mfes\/payments|did not load|remote payments|dynamically imported module/];
  await become(context, url, VENDOR);
  await page.route('**/mfes/payments/**', (route) => route.abort());
  await page.goto('/payments');
  const card = page.getByRole('alert').filter({ hasText: 'This page did not load' });
  await expect(card).toBeVisible();
  await page.getByRole('button', { name: 'Account of Vera Vendor' }).click();
  await page.getByRole('link', { name: 'Change password' }).click();
  await expect(heading(page, 'Change password')).toBeVisible();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Payments' }).click();
  await expect(card).toBeVisible();

  let reloads = 0;
  page.on('framenavigated', () => reloads++);
  await page.unroute('**/mfes/payments/**');
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(heading(page, 'Payments')).toBeVisible();
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await expect(card).toBeHidden();
  expect(reloads).toBe(0);
});

test('a missing page of a remote shows the error card too, and can be retried', async ({
  page,
  context,
  url,
  expected,
}) => {
  expected.errors = [/dynamically imported module|did not load|preload/];
  await becomeNew(context, url);
  await page.route('**/mfes/payments/**/*PayPage*', (route) => route.abort());
  await page.goto('/payments');
  const places = page.getByRole('navigation', { name: 'Main' });
  await places.getByRole('link', { name: 'Pay', exact: true }).click();
  const card = page.getByRole('alert').filter({ hasText: 'This page did not load' });
  await expect(card).toBeVisible();
  await page.unroute('**/mfes/payments/**/*PayPage*');
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(heading(page, /^Pay$/)).toBeVisible();
});

test('a remote that throws while rendering shows the error card, and sign-out works', async ({
  page,
  context,
  url,
  expected,
}) => {
  expected.errors = [/broken on purpose/];
  await become(context, url, CUSTOMER);
  await page.addInitScript(() => {
    Object.defineProperty(Intl.NumberFormat.prototype, 'format', {
      get: () => {
        throw new Error('broken on purpose');
      },
    });
  });
  await page.goto('/payments');
  await expect(page.getByRole('alert').getByRole('button', { name: 'Try again' })).toBeVisible();
  await signOut(page);
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('a remote that throws in mount shows the error card', async ({ page, context, url, expected }) => {
  expected.errors = [/broken on purpose|integrity|did not load/i];
  await become(context, url, CUSTOMER);
  const broken = 'export const mount = () => { throw new Error("broken on purpose"); };';
  // With its integrity hash the browser would refuse the replaced entry.
  await page.route('**/mfes/manifest.json', async (route) => {
    const manifest = await (await route.fetch()).json();
    manifest.remotes.payments.native.integrity = '';
    manifest.remotes.payments.native.pages = [];
    await route.fulfill({ json: manifest });
  });
  await page.route('**/mfes/payments/**/mount-*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: broken }),
  );
  await page.goto('/payments');
  await expect(page.getByRole('alert')).toContainText('This page did not load');
  await expect(
    page.getByRole('banner').getByRole('button', { name: 'Account of Carl Customer' }),
  ).toBeVisible();
});
