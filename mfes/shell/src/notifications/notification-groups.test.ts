import type { NotificationId, PaymentId, SessionId } from '../../../../shared/contracts/ids.ts';
import type { Notification, NotificationContent } from '../../../../shared/contracts/realtime.ts';
import { groupNotifications } from './notification-groups.ts';

const sessionId = 'ses_00000000000000000000000000000001' as SessionId;
const paymentId = 'pay_00000000000000000000000000000001' as PaymentId;
const signIn: NotificationContent = { type: 'signed_in', sessionId, device: 'curl', address: null };
const paid: NotificationContent = {
  type: 'payment_received',
  paymentId,
  amountMinor: 1,
  currency: 'EUR',
  name: 'V',
};

/** Local noon on a day of November, and minutes after it. */
const at = (day: number, minutes = 0): string => new Date(2026, 10, day, 12, minutes).toISOString();
const item = (id: string, content: NotificationContent, createdAt: string): Notification => ({
  id: id as NotificationId,
  content,
  read: false,
  createdAt,
});
const shownOf = (items: readonly Notification[]): string[] =>
  groupNotifications(items).map((group) => group.items.map(({ id }) => id).join(' '));

describe('the list of notifications', () => {
  it('shows sign-ins that follow each other on a day as one', () => {
    const items = [
      item('f', signIn, at(29, 5)),
      item('e', signIn, at(29, 1)),
      item('d', paid, at(29)),
      item('c', signIn, at(29)),
      item('b', signIn, at(28)),
      item('a', signIn, at(28)),
    ];
    expect(shownOf(items)).toEqual(['f e', 'd', 'c', 'b a']);
  });

  it('never puts payments together', () => {
    expect(shownOf([item('b', paid, at(29)), item('a', paid, at(29))])).toEqual(['b', 'a']);
  });

  it('keeps a group’s id when a newer sign-in arrives', () => {
    const items = [item('b', signIn, at(29, 1)), item('a', signIn, at(29))];
    const [before] = groupNotifications(items);
    const [after] = groupNotifications([item('c', signIn, at(29, 2)), ...items]);
    expect([before?.id, after?.id, after?.items.length]).toEqual(['a', 'a', 3]);
  });

  it('continues a group with the next page', () => {
    const pages = [[item('c', signIn, at(29))], [item('b', signIn, at(29)), item('a', paid, at(29))]];
    expect(shownOf(pages.flat())).toEqual(['c b', 'a']);
  });

  it('is empty without notifications', () => {
    expect(groupNotifications([])).toEqual([]);
  });
});
