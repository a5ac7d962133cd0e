import type { BrowserContext, Page } from '@playwright/test';
import type { Manifest, Remote } from '../../shared/client/remote-files.ts';
import { ADMIN } from '../system/accounts.ts';
import { become, becomeNew } from './actions.ts';
import { expect, heading, test } from './spec.ts';

/** A version that only these tests deliver. */
const NEXT = 'e'.repeat(12);
type Kind = 'native' | 'federated';
const ENTRIES = { native: 'mount.js', federated: 'remoteEntry.js' } as const;
const entryOf = (name: string, kind: Kind) => `/mfes/${name}/${NEXT}/${ENTRIES[kind]}`;

const card = (page: Page) => page.getByRole('alert').filter({ hasText: 'This page did not load' });
const earlier = (page: Page) => page.getByText('The newest version of this page did not load');

const changeManifest = (page: Page, name: string, change: (remote: Remote) => Remote) =>
  page.route('**/mfes/manifest.json', async (route) => {
    const manifest = (await (await route.fetch()).json()) as Manifest;
    const remote = manifest.remotes[name];
    if (remote) manifest.remotes[name] = change(remote);
    await route.fulfill({ json: manifest });
  });

/**
 * Deploys a version whose script is the body of `mount(target, host)`, and what stands before it. A
 * `federated` one is as those were that knew nothing of import maps.
 */
const deployNext = async (page: Page, mount: string, before = '', kind: Kind = 'native'): Promise<void> => {
  const files = { integrity: '', modules: [], pages: [] };
  await changeManifest(page, 'profile', ({ contract = 1, native }) => ({
    ...{ version: NEXT, contract, styles: [], entry: entryOf('profile', 'federated'), ...files },
    ...(native && kind === 'native' && { native: { ...native, entry: entryOf('profile', kind), ...files } }),
  }));
  const bodies = {
    native: `export function mount(target, host) { ${mount} }`,
    federated: `export const init = () => {};
      export const get = async () => () => ({ mount(target, host) { ${mount} } });`,
  };
  await page.route(`**/mfes/profile/${NEXT}*/${ENTRIES[kind]}`, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: `${before}\n${bodies[kind]}` }),
  );
};

const DRAWS = `host.setTitle('Next');
  target.append(Object.assign(document.createElement('h1'), { textContent: 'Next version' }));`;

/** Opens a page and waits until the browser remembers that this version works. */
const openWorking = async (page: Page): Promise<void> => {
  await page.goto('/settings/profile');
  await expect(heading(page, 'Profile')).toBeVisible();
  await page.waitForFunction(() => localStorage.getItem('payloom-remotes')?.includes('profile'));
};

const othersWork = async (page: Page): Promise<void> => {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Payments' }).click();
  await expect(heading(page, 'Payments')).toBeVisible();
  await expect(card(page)).toBeHidden();
  await expect(earlier(page)).toBeHidden();
};

/** Messages of errors on the page; each of them is reported. */
const errorsOf = (page: Page): string[] => {
  const messages: string[] = [];
  page.on('pageerror', ({ message }) => messages.push(message));
  return messages;
};

const start = async (context: BrowserContext, url: string, expected: { errors: RegExp[] }) => {
  expected.errors = [/on purpose|did not load|remote profile/];
  await becomeNew(context, url);
};

test.describe('a version that fails in a browser where another one worked', () => {
  const THROW = 'throw new Error("broken on purpose");';
  const broken: [name: string, mount: string, before: string, kind: Kind][] = [
    ['throws at load', DRAWS, THROW, 'native'],
    ['throws at load, federated', DRAWS, THROW, 'federated'],
    ['throws at mount', THROW, '', 'native'],
    ['throws at mount, federated', THROW, '', 'federated'],
    [
      'fails later',
      `${DRAWS} setTimeout(() => host.failed(new Error('broken on purpose')), 300);`,
      '',
      'native',
    ],
  ];
  for (const [name, mount, before, kind] of broken) {
    test(`${name}: the one that worked is shown, and it is reported once`, async ({
      page,
      context,
      url,
      expected,
    }) => {
      await start(context, url, expected);
      await openWorking(page);
      await deployNext(page, mount, before, kind);
      const errors = errorsOf(page);
      await page.reload();
      await expect(earlier(page)).toBeVisible();
      await expect(heading(page, 'Profile')).toBeVisible();
      expect(errors.filter((message) => /on purpose/.test(message))).toHaveLength(1);
      await othersWork(page);
    });
  }

  test('is down: the page says when the newest works again, and shows it when asked', async ({
    page,
    context,
    url,
    expected,
  }) => {
    await start(context, url, expected);
    await openWorking(page);
    await deployNext(page, `${DRAWS} return () => {};`);
    const files = `**/mfes/profile/${NEXT}*/**`;
    await page.route(files, (route) => route.abort());
    await page.reload();
    await expect(earlier(page)).toBeVisible();
    await page.unroute(files);
    await page.getByRole('button', { name: 'Show it' }).click();
    await expect(heading(page, 'Next version')).toBeVisible();
    await expect(page.getByText('works again')).toBeHidden();
  });
});

test.describe('files that fail in a browser without another version', () => {
  const kinds: [name: string, fail: (page: Page) => Promise<unknown>][] = [
    ['404', (page) => page.route('**/mfes/profile/**', (route) => route.fulfill({ status: 404 }))],
    ['altered', (page) => page.route('**/mfes/profile/**', (route) => route.fulfill({ body: 'x()' }))],
    ['hanging', (page) => page.route('**/mfes/profile/**', () => {})],
  ];
  for (const [name, fail] of kinds) {
    test(`${name}: a card says so, and the page heals by itself`, async ({
      page,
      context,
      url,
      expected,
    }) => {
      await start(context, url, expected);
      const errors = errorsOf(page);
      await fail(page);
      await page.goto('/settings/profile');
      await expect(card(page)).toBeVisible();
      await expect(page.getByText(/Tries again by itself in|Trying again/)).toBeVisible();
      await page.unroute('**/mfes/profile/**');
      await expect(heading(page, 'Profile')).toBeVisible();
      await expect(card(page)).toBeHidden();
      expect(errors.filter((message) => /did not load/.test(message))).toHaveLength(1);
      await othersWork(page);
    });
  }

  test('a browser without a network waits for it, and loads at once when it is back', async ({
    page,
    context,
    url,
    expected,
  }) => {
    await start(context, url, expected);
    // Otherwise the page is there before it is opened.
    await context.addInitScript(
      () => void Object.defineProperty(navigator, 'connection', { value: { saveData: true } }),
    );
    await page.goto('/payments');
    await page.getByRole('button', { name: /^Account of/ }).click();
    const profile = page.getByRole('link', { name: 'Profile', exact: true });
    await expect(profile).toBeVisible();
    await page.waitForLoadState('networkidle');
    await context.setOffline(true);
    await profile.click();
    await expect(card(page)).toBeVisible();
    await expect(page.getByText('as soon as there is a network')).toBeVisible();
    await context.setOffline(false);
    await expect(heading(page, 'Profile')).toBeVisible();
  });
});

test('an error of a handler, a timer and a promise leaves the page; the part can be loaded again', async ({
  page,
  context,
  url,
  expected,
}) => {
  await start(context, url, expected);
  const errors = errorsOf(page);
  await deployNext(
    page,
    `${DRAWS}
    globalThis.mounts = (globalThis.mounts ?? 0) + 1;
    const fail = (what) => { throw new Error(what + ' broken on purpose'); };
    target.append(Object.assign(document.createElement('button'), {
      textContent: 'Break', onclick: () => { setTimeout(() => fail('timer')); fail('handler'); },
    }));
    return () => fail('teardown');`,
  );
  await page.goto('/settings/profile');
  await page.getByRole('button', { name: 'Break' }).click();
  await expect(page.getByText('Something on this page did not work.')).toBeVisible();
  await expect(heading(page, 'Next version')).toBeVisible();
  await page.getByRole('button', { name: 'Load this part again' }).click();
  await expect.poll(() => page.evaluate('mounts')).toBe(2);
  await expect(heading(page, 'Next version')).toBeVisible();
  // Its teardown throws each time.
  await othersWork(page);
  expect(errors.map((message) => message.replace(' broken on purpose', ''))).toEqual([
    'handler',
    'timer',
    'teardown',
    'teardown',
  ]);
});

test.describe('the contract between shell and remote', () => {
  const withContract = (page: Page, contract: number) =>
    changeManifest(page, 'profile', (remote) => ({ ...remote, version: NEXT, contract }));

  test('a remote that needs a newer shell says so, and a reload with one helps', async ({
    page,
    context,
    url,
    expected,
  }) => {
    await start(context, url, expected);
    await withContract(page, 99);
    await page.goto('/settings/profile');
    await expect(page.getByText('This page needs a newer version of the application')).toBeVisible();
    await page.unroute('**/mfes/manifest.json');
    await page.getByRole('button', { name: 'Load the application again' }).click();
    await expect(heading(page, 'Profile')).toBeVisible();
  });

  test('where an earlier version worked it goes on, with a note', async ({
    page,
    context,
    url,
    expected,
  }) => {
    await start(context, url, expected);
    await openWorking(page);
    await withContract(page, 99);
    await page.reload();
    await expect(heading(page, 'Profile')).toBeVisible();
    await expect(page.getByText('It needs a newer version of the application.')).toBeVisible();
  });

  test('a remote that is too old for the shell waits for its update', async ({
    page,
    context,
    url,
    expected,
  }) => {
    await start(context, url, expected);
    await withContract(page, 0);
    await page.goto('/settings/profile');
    await expect(page.getByText('This page is being updated')).toBeVisible();
    await page.unroute('**/mfes/manifest.json');
    await expect(heading(page, 'Profile')).toBeVisible();
  });
});

test.describe('a version for one browser', () => {
  const versionOf = async (page: Page): Promise<string> => {
    const manifest = (await (await page.request.get('/mfes/manifest.json')).json()) as Manifest;
    return manifest.remotes['profile']?.version ?? '';
  };

  test('an administrator opens it by the address, sees that, and goes back', async ({
    page,
    context,
    url,
    expected,
  }) => {
    expected.errors = [/remote profile did not load/];
    await become(context, url, ADMIN);
    const version = await versionOf(page);
    await page.goto(`/settings/profile?remote=profile@${version}`);
    await expect(heading(page, 'Profile')).toBeVisible();
    await expect(page).toHaveURL(/\/settings\/profile$/);
    const badge = page.getByRole('region', { name: 'Version under test' });
    await expect(badge).toContainText(`This browser shows profile in version ${version}.`);
    await page.goto('/settings/profile?remote=profile@000000000000');
    await expect(page.getByText('There is no version 000000000000 of it on this server')).toBeVisible();
    await badge.getByRole('button', { name: 'Back to the normal version' }).click();
    await expect(heading(page, 'Profile')).toBeVisible();
    await expect(badge).toBeHidden();
  });

  test('a customer cannot, outside of a development', async ({ page, context, url }) => {
    await becomeNew(context, url);
    await page.route('**/settings/profile?*', async (route) => {
      const response = await route.fetch();
      const { 'server-timing': _development, ...headers } = response.headers();
      await route.fulfill({ response, headers });
    });
    await page.goto('/settings/profile?remote=profile@000000000000');
    await expect(heading(page, 'Profile')).toBeVisible();
    await expect(page.getByText('Only administrators can open another version of a page.')).toBeVisible();
    await expect(page.getByRole('region', { name: 'Version under test' })).toBeHidden();
  });
});
