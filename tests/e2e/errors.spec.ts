import { become, becomeNew, CUSTOMER, pay, signOut, VENDOR } from './accounts.ts';
import { expect, heading, test } from './spec.ts';

test('an address without a page says so and leads back', async ({ page, context, url }) => {
  await page.goto('/no/such/page');
  await expect(heading(page, 'There is no page at this address')).toBeVisible();
  await expect(page).toHaveTitle('Page not found · Payloom');
  await become(context, url, CUSTOMER);
  await page.reload();
  await page.getByRole('link', { name: 'Go to the start page' }).click();
  await expect(heading(page, 'Payments')).toBeVisible();
});

test('somebody else’s payment is not there, and a made-up one neither', async ({
  page,
  context,
  url,
  another,
}) => {
  const stranger = await another();
  await becomeNew(stranger.context(), url);
  const { id } = await pay(stranger.context(), url, { description: 'Nobody else’s business' });
  await becomeNew(context, url);
  for (const path of [`/payments/${id}`, '/payments/pay_made-up']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'There is no such payment' })).toBeVisible();
    await expect(page.getByText('Nobody else’s business')).toHaveCount(0);
  }
  await page.getByRole('link', { name: 'To your payments' }).click();
  await expect(heading(page, 'Payments')).toBeVisible();
});

test('a remote that is missing shows a card, the rest lives, and trying again needs no reload', async ({
  page,
  context,
  url,
  meant,
}) => {
  meant.errors = [/mfes\/payments|did not load|remote payments|dynamically imported module/];
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

test('a page of a remote whose file is missing shows the card too, and can be tried again', async ({
  page,
  context,
  url,
  meant,
}) => {
  meant.errors = [/dynamically imported module|did not load|preload/];
  await becomeNew(context, url);
  await page.route('**/mfes/payments/**/*PayPage*', (route) => route.abort());
  await page.goto('/payments');
  await page.getByRole('link', { name: 'Pay', exact: true }).click();
  const card = page.getByRole('alert').filter({ hasText: 'This page did not load' });
  await expect(card).toBeVisible();
  await page.unroute('**/mfes/payments/**/*PayPage*');
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(heading(page, 'Pay a vendor')).toBeVisible();
});

test('a remote that throws while it draws shows a card, and one can still sign out', async ({
  page,
  context,
  url,
  meant,
}) => {
  meant.errors = [/broken on purpose/];
  await become(context, url, CUSTOMER);
  await page.addInitScript(() => {
    Intl.DisplayNames.prototype.of = () => {
      throw new Error('broken on purpose');
    };
  });
  await page.goto('/payments');
  await expect(page.getByRole('alert').getByRole('button', { name: 'Try again' })).toBeVisible();
  await signOut(page);
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('a remote that throws while it is mounted shows the card as well', async ({
  page,
  context,
  url,
  meant,
}) => {
  meant.errors = [/broken on purpose|integrity|did not load/i];
  await become(context, url, CUSTOMER);
  const broken =
    'export const init = () => {};' +
    'export const get = async () => () => ({ mount() { throw new Error("broken on purpose"); } });';
  // Without its hash, or the browser would refuse the file that stands in for the entry.
  await page.route('**/mfes/manifest.json', async (route) => {
    const manifest = await (await route.fetch()).json();
    manifest.remotes.payments.integrity = '';
    await route.fulfill({ json: manifest });
  });
  await page.route('**/mfes/payments/**/remoteEntry.js*', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: broken }),
  );
  await page.goto('/payments');
  await expect(page.getByRole('alert')).toContainText('This page did not load');
  await expect(
    page.getByRole('banner').getByRole('button', { name: 'Account of Carl Customer' }),
  ).toBeVisible();
});
