import { becomeNew, newEmail } from './actions.ts';
import { live, openAdmin } from './admins.ts';
import { expect, heading, test } from './spec.ts';

test('a new administrator waits for another one, who is notified, sees the number and approves', async ({
  another,
  url,
}) => {
  const [asks, approves] = [
    await openAdmin(another, url, 'Asa Asker'),
    await openAdmin(another, url, 'Pia Approver'),
  ];
  const name = `Rita Rising ${newEmail('x').slice(2, 10)}`;
  const user = await becomeNew((await another()).context(), url, { name });
  const bell = approves.page.getByRole('button', { name: /^Notifications/ });
  await approves.page.goto('/admin/approvals');
  await expect(heading(approves.page, 'Approvals')).toBeVisible();
  await live(approves.page);

  const { page } = asks;
  await page.goto(`/admin/users/${user.id}`);
  await page.getByRole('button', { name: 'Change role' }).click();
  await page.getByRole('dialog').getByLabel('Role').selectOption('ADMIN');
  await page.getByRole('dialog').getByLabel('Reason').fill('Takes over the shift');
  await page.getByRole('dialog').getByRole('button', { name: 'Change role' }).click();
  await expect(page.getByText('Another administrator has to approve this')).toBeVisible();
  await page.getByRole('dialog').getByRole('link', { name: 'Approvals' }).click();
  const request = (on: typeof page) =>
    on.getByRole('listitem').filter({ hasText: `Make ${name} an administrator` });
  await expect(request(page).getByText('another administrator has to approve it')).toBeVisible();
  await expect(request(page).getByRole('button', { name: /^Approve/ })).toHaveCount(0);
  await expect(request(page).getByRole('button', { name: /^Withdraw/ })).toBeVisible();

  // By socket: the list, the number beside the navigation's entry, and the notification.
  await expect(request(approves.page)).toContainText('Takes over the shift');
  const place = approves.page.getByRole('navigation', { name: 'Administration' });
  await expect(place.getByRole('link', { name: /^Approvals \d+ waiting$/ })).toBeVisible();
  await bell.click();
  const notice = approves.page.getByRole('link', { name: /Asa Asker asks for your approval/ });
  await notice.click();
  await expect(heading(approves.page, 'Approvals')).toBeVisible();
  await request(approves.page)
    .getByRole('button', { name: /^Approve/ })
    .click();
  await approves.page.getByRole('dialog').getByLabel('Reason').fill('Agreed');
  await approves.page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await expect(request(approves.page)).toHaveCount(0);
  await expect(request(page)).toHaveCount(0);
  await page.getByRole('link', { name: 'Decided and expired' }).click();
  await expect(request(page).getByText('Approved by Pia Approver')).toBeVisible();
  await request(page).getByRole('link').click();
  await expect(page.locator('dl').getByText('Administrator', { exact: true })).toBeVisible();
});

test('a lockout appears by itself and is lifted with a reason', async ({ another, url }) => {
  const { page } = await openAdmin(another, url, 'Lou Locks');
  const victim = await another();
  const { email } = await becomeNew(victim.context(), url, { name: 'Lars Locked' });
  await victim.context().clearCookies();
  await page.goto('/admin/security');
  await expect(page.getByText('Signs access tokens.')).toBeVisible();
  await live(page);
  const data = { email, password: 'not the password' };
  for (let tries = 0; tries < 6; tries++) {
    await victim.context().request.post(`${url}/api/auth/login`, { data, headers: { origin: url } });
  }
  const row = page.getByRole('listitem').filter({ hasText: email });
  await row.getByRole('button', { name: /^Lift/ }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('The user called');
  await page.getByRole('dialog').getByRole('button', { name: 'Lift lockout' }).click();
  await expect(row).toHaveCount(0);
});
