import type { Id, PaymentId, SessionId } from '../../../../shared/contracts/ids.ts';
import { notificationContent, type NotificationContent } from '../../../../shared/contracts/realtime.ts';
import { notificationText, signInsText } from './notification-texts.ts';

const paymentId = 'pay_00000000000000000000000000000001' as PaymentId;
const sessionId = 'ses_00000000000000000000000000000001' as SessionId;
const money = { paymentId, amountMinor: 1_234_50, currency: 'EUR', name: 'Vera Vendor' } as const;
const until = '2026-11-23T14:05:00.000Z';
const NOW_MS = Date.parse('2026-11-20T14:00:00.000Z');

const CASES: [NotificationContent, sentence: RegExp, href: string][] = [
  [{ type: 'payment_received', ...money }, /^Vera Vendor paid you €1,234\.50\.$/, `/payments/${paymentId}`],
  [
    { type: 'payment_completed', ...money },
    /^Your payment of €1,234\.50 to Vera Vendor/,
    `/payments/${paymentId}`,
  ],
  [{ type: 'payment_failed', ...money }, /failed\. No money has moved\.$/, `/payments/${paymentId}`],
  [
    { type: 'signed_in', sessionId, device: 'Firefox on Linux', address: '203.0.113.7' },
    /^New sign-in with Firefox on Linux from 203\.0\.113\.7\.$/,
    '/settings/devices',
  ],
  [{ type: 'session_reused', sessionId }, /change your password\.$/, '/settings/devices'],
  [{ type: 'password_changed' }, /^Your password was changed\.$/, '/settings/devices'],
  [
    { type: 'sign_in_locked', address: null, until },
    /your account\. Browsers .* until 23 Nov 2026, /,
    '/settings/password',
  ],
  [
    { type: 'approval_requested', approvalId: 'apr_1' as Id<'approval'>, name: 'Ada' },
    /^Ada asks for your approval\.$/,
    '/admin/approvals',
  ],
  [
    { type: 'setting_change_voided', approvalId: 'apr_1' as Id<'approval'>, key: 'paymentsStopped' },
    /was not made, because the setting was changed meanwhile\.$/,
    '/admin/configuration',
  ],
  [{ type: 'role_changed', role: 'ADMIN' }, /^You are an administrator now\.$/, '/'],
];

describe('a notification', () => {
  it.each(CASES)('%j says it in a sentence and leads on', (content, sentence, href) => {
    const text = notificationText(content, 'en-GB', NOW_MS);
    expect(text.sentence).toMatch(sentence);
    expect(text.href).toBe(href);
  });

  it('of every type that there is has words', () => {
    const types = notificationContent.def.options.map(({ shape }) => shape.type.def.values[0]);
    expect(CASES.map(([{ type }]) => type).sort()).toEqual([...types].sort());
  });

  it('writes amounts as the reader does', () => {
    const { sentence } = notificationText({ type: 'payment_received', ...money }, 'de-DE', NOW_MS);
    expect(sentence.replaceAll('\u00a0', ' ')).toBe('Vera Vendor paid you 1.234,50 €.');
  });

  it('leaves out an address that is not known', () => {
    const content = { type: 'signed_in', sessionId, device: 'curl', address: null } as const;
    const text = notificationText(content, 'en-GB', NOW_MS);
    expect(text.sentence).toBe('New sign-in with curl.');
  });
});

describe('a group of sign-ins', () => {
  const from = (device: string): NotificationContent => ({
    type: 'signed_in',
    sessionId,
    device,
    address: null,
  });

  it.each([
    [['Chrome on Windows', 'Firefox on Linux'], '2 new sign-ins – Chrome on Windows, Firefox on Linux'],
    [['curl', 'curl', 'curl'], '3 new sign-ins – curl'],
    [['A', 'B', 'C', 'D', 'E'], '5 new sign-ins – A, B, C and 2 more'],
  ])('from %j', (devices, sentence) => {
    expect(signInsText(devices.map(from)).sentence).toBe(sentence);
  });
});
