import { expect, test } from './spec.ts';

/** What headless Chromium cannot do: it installs nothing. */
const HEADLESS = ['not-in-main-frame', 'not-from-secure-origin', 'in-incognito', 'pipeline-restarted'];

test('the browser finds the app manifest good, and the application installable', async ({
  page,
  context,
}) => {
  await page.goto('/sign-in');
  const devtools = await context.newCDPSession(page);
  const { url, errors, manifest } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);
  expect(new URL(url).pathname).toBe('/manifest.webmanifest');
  expect(manifest).toMatchObject({ shortcuts: [{ name: 'Pay' }, { name: 'Payments' }] });
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.filter(({ errorId }) => !HEADLESS.includes(errorId))).toEqual([]);
});

test('the frame of the browser has the colour of the theme that was chosen', async ({ page }) => {
  const coloursOf = () =>
    page
      .locator('meta[name=theme-color]')
      .evaluateAll((metas) =>
        (metas as HTMLMetaElement[])
          .filter(({ media }) => matchMedia(media).matches)
          .map(({ content }) => content),
      );
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/sign-in');
  expect(await coloursOf()).toEqual(['#ffffff']);
  await page.getByRole('radio', { name: 'Dark' }).check();
  expect(await coloursOf()).toEqual(['#16191c']);
  await page.reload();
  expect(await coloursOf()).toEqual(['#16191c']);
  await page.getByRole('radio', { name: 'As the system' }).check();
  expect(await coloursOf()).toEqual(['#ffffff']);
});
