import { formatMoney } from '../../../../shared/contracts/money.ts';
import type { NotificationContent } from '../../../../shared/contracts/realtime.ts';
import type { Role } from '../../../../shared/contracts/roles.ts';
import type { IconName } from '../../../../shared/ui/icons.ts';
import { momentText } from '../../../../shared/ui/times.ts';

/** A notification as people read it, and where it leads. */
export type NotificationText = {
  icon: IconName;
  tone: 'good' | 'bad' | 'plain';
  sentence: string;
  href: string;
};

const DEVICES = '/settings/devices';
const PASSWORD = '/settings/password';

const ROLE_WORDS: Record<Role, string> = {
  CUSTOMER: 'a customer',
  VENDOR: 'a vendor',
  ADMIN: 'an administrator',
};

type OfPayment = Extract<NotificationContent, { paymentId: string }>;

const PAYMENT_LOOKS: Record<OfPayment['type'], Pick<NotificationText, 'icon' | 'tone'>> = {
  payment_received: { icon: 'arrow-down-left', tone: 'good' },
  payment_completed: { icon: 'check', tone: 'good' },
  payment_failed: { icon: 'x', tone: 'bad' },
};

const paymentSentence = ({ type, amountMinor, currency, name }: OfPayment, locale: string): string => {
  const amount = formatMoney({ amountMinor, currency }, locale);
  switch (type) {
    case 'payment_received':
      return `${name} paid you ${amount}.`;
    case 'payment_completed':
      return `Your payment of ${amount} to ${name} has arrived.`;
    case 'payment_failed':
      return `Your payment of ${amount} to ${name} failed. No money has moved.`;
  }
};

const from = (address: string | null): string => (address === null ? '' : ` from ${address}`);

const DEVICES_NAMED = 3;

/** What a group of sign-ins says: how many, and from which devices, the newest first. */
export const signInsText = (contents: readonly NotificationContent[]): NotificationText => {
  const devices = [...new Set(contents.flatMap((one) => (one.type === 'signed_in' ? one.device : [])))];
  const others = devices.length - DEVICES_NAMED;
  const named = devices.slice(0, DEVICES_NAMED).join(', ') + (others > 0 ? ` and ${others} more` : '');
  const sentence = `${contents.length} new sign-ins – ${named}`;
  return { icon: 'monitor', tone: 'plain', sentence, href: DEVICES };
};

/** What a notification says, in a sentence or two, with amounts and times in the reader's locale. */
export const notificationText = (
  content: NotificationContent,
  locale: string,
  nowMs: number,
): NotificationText => {
  switch (content.type) {
    case 'signed_in': {
      const sentence = `New sign-in with ${content.device}${from(content.address)}.`;
      return { icon: 'monitor', tone: 'plain', sentence, href: DEVICES };
    }
    case 'session_reused': {
      const sentence =
        'A copy of an old sign-in was used, so that device was signed out. If you know nothing of it, ' +
        'change your password.';
      return { icon: 'alert', tone: 'bad', sentence, href: DEVICES };
    }
    case 'password_changed':
      return { icon: 'lock', tone: 'plain', sentence: 'Your password was changed.', href: DEVICES };
    case 'sign_in_locked': {
      const until = momentText(content.until, { locale, nowMs, inSentence: true });
      const sentence =
        `Wrong passwords were tried for your account${from(content.address)}. ` +
        `Browsers that you have not used before cannot sign in until ${until}.`;
      return { icon: 'alert', tone: 'bad', sentence, href: PASSWORD };
    }
    case 'role_changed': {
      const sentence = `You are ${ROLE_WORDS[content.role]} now.`;
      return { icon: 'user', tone: 'plain', sentence, href: '/' };
    }
    case 'approval_requested': {
      const sentence = `${content.name} asks for your approval.`;
      return { icon: 'check-circle', tone: 'plain', sentence, href: '/admin/approvals' };
    }
    case 'setting_change_voided': {
      const sentence =
        'An approved change of the configuration was not made, because the setting was changed meanwhile.';
      return { icon: 'alert', tone: 'bad', sentence, href: '/admin/configuration' };
    }
    default: {
      const looks = PAYMENT_LOOKS[content.type];
      return { ...looks, sentence: paymentSentence(content, locale), href: `/payments/${content.paymentId}` };
    }
  }
};
