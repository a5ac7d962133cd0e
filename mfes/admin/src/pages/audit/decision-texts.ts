import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import { askedText, changeIn, doneText } from '../../parts/setting-texts.ts';
import { roleOf, valueOf, type EventText, type Said } from './said.ts';

const askedFor = ({ entry, locale }: Said): string => {
  const { act, role, userIds, setting } = entry.after ?? {};
  const email = valueOf(entry, 'email');
  if (act === 'suspendUsers') {
    const count = Array.isArray(userIds) ? userIds.length : 0;
    return count === 1 ? 'suspend 1 user' : `suspend ${count} users`;
  }
  const change = changeIn(null, setting);
  if (act === 'changeSetting') return change ? askedText(change, locale) : 'change the configuration';
  const what = roleOf(role).toLowerCase();
  return act === 'inviteUser' ? `invite ${email} as ${what}` : `make ${email} ${what}`;
};

export const APPROVALS: [string, string, EventText['say']][] = [
  [
    auth.events.approvalRequested.name,
    'Approval asked for',
    (said) => `${said.actor} asked to ${askedFor(said)}`,
  ],
  [
    auth.events.approvalGiven.name,
    'Approval given',
    (said) => `${said.actor} approved the request to ${askedFor(said)}`,
  ],
  [
    auth.events.approvalRejected.name,
    'Approval rejected',
    (said) => `${said.actor} rejected the request to ${askedFor(said)}`,
  ],
];

export const CONFIGURATION: [string, string, EventText['say']][] = [
  [
    admin.events.settingChanged.name,
    'Setting changed',
    ({ entry, actor, locale }) => {
      const change = changeIn(entry.before, entry.after);
      return `${actor} ${change ? doneText(change, locale) : 'changed the configuration'}`;
    },
  ],
  [
    admin.events.settingChangeVoided.name,
    'Approved change not made',
    ({ entry, locale }) => {
      const change = changeIn(entry.before, entry.after);
      const what = change && change.key !== 'largestAmounts' ? ` to ${askedText(change, locale)}` : '';
      return `The approved request${what} was void, because the setting had been changed meanwhile`;
    },
  ],
];
