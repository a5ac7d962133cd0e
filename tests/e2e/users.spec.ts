import type { Page } from '@playwright/test';
import { PASSWORD } from '../system/accounts.ts';
import { becomeNew, newEmail, signIn } from './actions.ts';
import { live, openAdmin } from './admins.ts';
import { expect, heading, tabTo, test } from './spec.ts';

const dialog = (page: Page) => page.getByRole('dialog');
const state = (page: Page, text: string) => page.locator('dl').getByText(text, { exact: true });

/** Presses the button of an act, gives a reason and confirms. */
const act = async (page: Page, label: string, confirm = label): Promise<void> => {
  await page.getByRole('button', { name: label, exact: true }).click();
  await dialog(page).getByLabel('Reason').fill('For this test');
  await dialog(page).getByRole('button', { name: confirm, exact: true }).click();
};
/** New users whose names no other test has, and that name. */
const newUsers = async (another: () => Promise<Page>, url: string, count: number) => {
  const name = `Group${newEmail('x').split('@')[0]?.slice(2)}`;
  const users = [];
  for (let made = 0; made < count; made++) {
    users.push(await becomeNew((await another()).context(), url, { name: `${name} ${made}` }));
  }
  return { name, users };
};

test('users are searched, filtered and ordered by the address; a view is saved, opened and deleted', async ({
  another,
  url,
}) => {
  const { page } = await openAdmin(another, url, 'Ada Lister');
  const { name } = await newUsers(another, url, 3);
  await page.goto('/admin/users');
  await page.getByLabel('Search').fill(name);
  await expect(page).toHaveURL(`/admin/users?q=${name}`);
  const rows = page.getByRole('row', { name: new RegExp(name) });
  await expect(rows).toHaveCount(3);
  await page.getByLabel('Order').selectOption('name');
  await expect(rows.first()).toContainText(`${name} 0`);
  await page.getByLabel('Role').selectOption('VENDOR');
  await expect(page.getByText('No user matches')).toBeVisible();
  await page.goBack();
  await expect(rows).toHaveCount(3);

  const views = page.getByRole('navigation', { name: 'Saved views' });
  await page.getByRole('button', { name: 'Save view' }).click();
  await dialog(page).getByRole('button', { name: 'Save view' }).click();
  await expect(dialog(page).getByLabel('Name')).toHaveAccessibleDescription(/Give the view a name/);
  await dialog(page).getByLabel('Name').fill('My group');
  await page.keyboard.press('Enter');
  await expect(views.getByRole('link', { name: 'My group' })).toBeFocused();
  await views.getByRole('link', { name: 'All' }).click();
  await expect(page).toHaveURL('/admin/users');
  await page.reload();
  await views.getByRole('link', { name: 'My group' }).click();
  await expect(page).toHaveURL(`/admin/users?q=${name}&sort=name`);
  await expect(rows).toHaveCount(3);
  await page.getByRole('button', { name: 'Delete view' }).click();
  await expect(views.getByRole('link')).toHaveText(['All']);
});

test('several users are suspended after a preview, which says who cannot be', async ({ another, url }) => {
  const { page } = await openAdmin(another, url, 'Bulk Admin');
  const { name } = await newUsers(another, url, 3);
  await page.goto(`/admin/users?q=${name}`);
  await page.getByLabel('Select all on this page').check();
  await expect(page.getByText('3 selected')).toBeVisible();
  // What is selected belongs to the list that was seen.
  await page.getByLabel('Search').fill('Bulk Admin');
  await expect(page.getByText('3 selected')).toBeHidden();
  await page.getByLabel('Search').fill(name);
  const suspend = async () => {
    await page.getByLabel('Select all on this page').check();
    await page.getByRole('button', { name: 'Suspend…' }).click();
  };
  await expect(page.getByRole('row', { name: new RegExp(name) })).toHaveCount(3);
  await suspend();
  await expect(dialog(page).getByText('3 users will be suspended.')).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Suspend 3 users' }).click();
  await expect(dialog(page).getByLabel('Reason')).toBeFocused();
  await dialog(page).getByLabel('Reason').fill('A ring of stolen cards');
  await dialog(page).getByRole('button', { name: 'Suspend 3 users' }).click();
  await expect(dialog(page).getByText('3 users were suspended.')).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByRole('row', { name: /Suspended/ })).toHaveCount(3);
  await suspend();
  await expect(
    dialog(page).getByText('0 users will be suspended. 3 users are suspended already.'),
  ).toBeVisible();

  await page.goto('/admin/users?role=ADMIN&q=Bulk%20Admin');
  await page
    .getByRole('row', { name: /\(you\)/ })
    .getByRole('checkbox')
    .check();
  await page.getByRole('button', { name: 'Suspend…' }).click();
  await expect(dialog(page).getByText('This is your own account.')).toBeVisible();
  await expect(dialog(page).getByRole('button', { name: 'Suspend 0 users' })).toBeDisabled();
});

test('an invitation shows its link once; the page of the user follows what the user does with it', async ({
  another,
  url,
}) => {
  const { page } = await openAdmin(another, url, 'Ina Inviter');
  const email = newEmail('invited');
  await page.goto('/admin/users/new');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.getByLabel('Name').fill('Ina Vited');
  await page.getByLabel('E-mail address').fill('no address');
  await page.getByLabel('Reason').fill('Asked for an account');
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(page.getByLabel('E-mail address')).toBeFocused();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Invite', exact: true }).click();
  await expect(heading(page, 'Ina Vited was invited')).toBeFocused();
  await expect(page.getByRole('button', { name: 'Copy the link' })).toBeVisible();
  const link = (await page.locator('main code').textContent()) ?? '';
  await page.getByRole('link', { name: 'Open Ina Vited' }).click();
  await expect(state(page, 'Invited')).toBeVisible();
  await expect(page.getByText(link)).toHaveCount(0);
  await live(page);

  const invited = await another();
  await invited.goto(link);
  await invited.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await invited.keyboard.press('Enter');
  await expect(state(page, 'Active')).toBeVisible();
});

test('a user is edited, suspended, restored and closed, each with a reason', async ({ another, url }) => {
  const { page } = await openAdmin(another, url, 'Max Manager');
  const { users } = await newUsers(another, url, 1);
  const user = users[0]!;
  await page.goto(`/admin/users/${user.id}`);
  await page.getByRole('button', { name: 'Suspend', exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Suspend', exact: true }).click();
  await expect(dialog(page).getByLabel('Reason')).toHaveAccessibleDescription(/Fill this in/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Suspend', exact: true })).toBeFocused();
  await act(page, 'Suspend');
  await expect(state(page, 'Suspended')).toBeVisible();
  await expect(page.getByText('This user is not signed in anywhere.')).toBeVisible();
  await act(page, 'Restore');
  await expect(state(page, 'Active')).toBeVisible();

  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await dialog(page).getByLabel('E-mail address').fill('admin@example.com');
  await dialog(page).getByLabel('Reason').fill('For this test');
  await dialog(page).getByRole('button', { name: 'Save changes' }).click();
  await expect(dialog(page).getByLabel('E-mail address')).toHaveAccessibleDescription(/Another account has/);
  await dialog(page).getByLabel('E-mail address').fill(user.email);
  await dialog(page).getByLabel('Name').fill('Renamed Person');
  await dialog(page).getByRole('button', { name: 'Save changes' }).click();
  await expect(heading(page, 'Renamed Person')).toBeVisible();

  await page.getByRole('button', { name: 'Reset password' }).click();
  await dialog(page).getByLabel('Reason').fill('For this test');
  await dialog(page).getByRole('button', { name: 'Reset password' }).click();
  await expect(dialog(page).getByText('This link is shown only now')).toBeVisible();
  await page.keyboard.press('Escape');
  await dialog(page).getByRole('button', { name: 'I have copied it' }).click();
  await expect(dialog(page)).toBeHidden();

  await page.getByRole('button', { name: 'Close account' }).click();
  await dialog(page).getByLabel('Reason').fill('For this test');
  await dialog(page).getByRole('button', { name: 'Close account for good' }).click();
  await expect(dialog(page).getByLabel('E-mail address of the account')).toBeFocused();
  await dialog(page).getByLabel('E-mail address of the account').fill(user.email);
  await dialog(page).getByRole('button', { name: 'Close account for good' }).click();
  await expect(heading(page, 'Closed account')).toBeVisible();
  await expect(page.getByText('Nothing can be done to it.')).toBeVisible();
});

test('nobody shuts themselves out: the own account offers only a change of the name', async ({
  another,
  url,
}) => {
  const { page, id, name } = await openAdmin(another, url, 'Olga Own');
  await page.goto(`/admin/users/${id}`);
  await expect(heading(page, name)).toBeVisible();
  await expect(page.getByText('This is your own account')).toBeVisible();
  await expect(page.getByRole('main').getByRole('button')).toHaveText(['', 'Edit']);
});

test('two administrators: open pages follow, a dialog says what has changed, a late act is refused', async ({
  another,
  url,
}) => {
  const [one, other] = [
    await openAdmin(another, url, 'One Admin'),
    await openAdmin(another, url, 'Other Admin'),
  ];
  const { users } = await newUsers(another, url, 1);
  const user = users[0]!;
  for (const { page } of [one, other]) {
    await page.goto(`/admin/users/${user.id}`);
    await expect(state(page, 'Active')).toBeVisible();
    await live(page);
  }
  await act(one.page, 'Suspend');
  await expect(state(other.page, 'Suspended')).toBeVisible();
  await other.page.getByRole('button', { name: 'Restore', exact: true }).click();
  await one.api.post(`/api/admin/users/${user.id}/close`, { reason: 'For this test' });
  await expect(dialog(other.page).getByRole('alert')).toContainText('The account is closed now.');
  await dialog(other.page).getByLabel('Reason').fill('For this test');
  await dialog(other.page).getByRole('button', { name: 'Restore' }).click();
  await expect(dialog(other.page).getByText('This account has been closed for good.')).toBeVisible();
  await expect(heading(one.page, 'Closed account')).toBeVisible();
});

test('of two administrators who suspend each other at once, one stays', async ({ another, url }) => {
  const [one, other] = [
    await openAdmin(another, url, 'Left Admin'),
    await openAdmin(another, url, 'Right Admin'),
  ];
  const aim = async (page: Page, id: string) => {
    await page.goto(`/admin/users/${id}`);
    await page.getByRole('button', { name: 'Suspend', exact: true }).click();
    await dialog(page).getByLabel('Reason').fill('For this test');
  };
  await Promise.all([aim(one.page, other.id), aim(other.page, one.id)]);
  const suspend = ({ page }: { page: Page }) =>
    dialog(page).getByRole('button', { name: 'Suspend', exact: true }).elementHandle();
  const buttons = await Promise.all([one, other].map(suspend));
  // Not `click`: it would wait for a button that the other administrator's success takes away.
  await Promise.all(buttons.map((button) => button?.evaluate((node) => (node as HTMLElement).click())));
  const isOut = async ({ page }: { page: Page }) => (await heading(page, 'Sign in').count()) > 0;
  await expect.poll(async () => (await Promise.all([one, other].map(isOut))).sort()).toEqual([false, true]);
  const winner = (await isOut(one)) ? other : one;
  await expect(state(winner.page, 'Suspended')).toBeVisible();
});

test('keyboard only: find a user, suspend, and go on where the focus was', async ({ another, url }) => {
  const { page, email } = await openAdmin(another, url, 'Kim Keys');
  const { name } = await newUsers(another, url, 1);
  await page.context().clearCookies();
  await page.goto('/admin/users');
  await signIn(page, email);
  const { keyboard } = page;
  await expect(heading(page, 'Users')).toBeFocused();
  await tabTo(page, page.getByLabel('Search'));
  await keyboard.type(name);
  await expect(page.getByRole('row', { name: new RegExp(name) })).toHaveCount(1);
  await tabTo(page, page.getByRole('link', { name: `${name} 0` }));
  await keyboard.press('Enter');
  await expect(heading(page, `${name} 0`)).toBeFocused();
  await tabTo(page, page.getByRole('button', { name: 'Suspend', exact: true }));
  await keyboard.press('Enter');
  await expect(dialog(page).getByLabel('Reason')).toBeFocused();
  await keyboard.type('For this test');
  await tabTo(page, dialog(page).getByRole('button', { name: 'Suspend', exact: true }));
  await keyboard.press('Enter');
  await expect(state(page, 'Suspended')).toBeVisible();
  await expect(page.locator('body')).not.toBeFocused();
});
