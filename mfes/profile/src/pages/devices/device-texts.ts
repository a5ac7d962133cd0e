import type { DeviceKind, Session, SignInMethod } from '../../../../../shared/contracts/auth/sessions.ts';
import type { IconName } from '../../../../../shared/ui/icons.ts';
import { momentText } from '../../../../../shared/ui/times.ts';

export const KIND_ICONS: Record<DeviceKind, IconName> = {
  desktop: 'monitor',
  phone: 'phone',
  tablet: 'tablet',
  program: 'terminal',
};

/** The icon's meaning, for screen readers. */
export const KIND_LABELS: Record<DeviceKind, string> = {
  desktop: 'computer',
  phone: 'phone',
  tablet: 'tablet',
  program: 'program',
};

/** How the session began, behind its time. */
export const METHOD_LABELS: Record<SignInMethod, string> = {
  password: 'with password',
  registration: 'when the account was created',
};

/** What a device is called: its user's name for it, or its browser and system. */
export const nameOf = ({ name, device }: Pick<Session, 'name' | 'device'>): string => name ?? device;

/** This device (undefined while it is not in the loaded part) and all others. */
export const apart = (sessions: readonly Session[]): { current: Session | undefined; others: Session[] } => ({
  current: sessions.find(({ current }) => current),
  others: sessions.filter(({ current }) => !current),
});

/** When and where it was used, for devices of one name: `Last used today, 14:05, from 192.0.2.7.` */
export const useSentences = (
  { lastSeenAt, createdAt, address }: Pick<Session, 'lastSeenAt' | 'createdAt' | 'address'>,
  locale: string,
  nowMs: number,
): string => {
  const [used, signedIn] = [lastSeenAt, createdAt].map((at) =>
    momentText(at, { locale, nowMs, inSentence: true }),
  );
  return `Last used ${used}, from ${address ?? 'an unknown address'}. Signed in ${signedIn}.`;
};

const INACTIVE_AFTER_MS = 7 * 24 * 3_600_000;

/** Devices used within the last week, and those that were not. */
export const byUse = (
  sessions: readonly Session[],
  nowMs: number,
): { recent: Session[]; inactive: Session[] } => {
  const isRecent = ({ lastSeenAt }: Session): boolean => nowMs - Date.parse(lastSeenAt) < INACTIVE_AFTER_MS;
  return { recent: sessions.filter(isRecent), inactive: sessions.filter((one) => !isRecent(one)) };
};

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

/** The number of other devices; `more` when not all are loaded. */
export const countSentence = (others: number, more: boolean): string => {
  if (others === 0) return more ? '' : 'No other device is signed in.';
  return `${more ? 'More than ' : ''}${counted(others, 'other device')} signed in.`;
};

export const endedSentence = (ended: number): string =>
  ended === 0
    ? 'No other device was signed in.'
    : `${counted(ended, 'device')} ${ended === 1 ? 'was' : 'were'} signed out.`;

const named = ([first, ...rest]: readonly Session[]): string =>
  first !== undefined && rest.length === 0 ? nameOf(first) : counted(rest.length + 1, 'device');
const verb = (sessions: readonly Session[]): string => (sessions.length === 1 ? 'was' : 'were');

/** Announces the changes of a list that was read again, for screen readers; empty without changes. */
export const changeSentence = (
  before: readonly Session[],
  after: readonly Session[],
  goesOn: boolean,
): string => {
  const isIn = (list: readonly Session[]) => {
    const ids = new Set(list.map(({ id }) => id));
    return ({ id }: Session): boolean => ids.has(id);
  };
  const newest = before.reduce((latest, { createdAt }) => (createdAt > latest ? createdAt : latest), '');
  const came = after.filter((one) => !isIn(before)(one) && one.createdAt > newest);
  const went = goesOn ? [] : before.filter((one) => !isIn(after)(one));
  const sentences = [
    came.length > 0 ? `${named(came)} ${verb(came)} signed in.` : '',
    went.length > 0 ? `${named(went)} ${verb(went)} signed out.` : '',
  ];
  return sentences.filter(Boolean).join(' ');
};
