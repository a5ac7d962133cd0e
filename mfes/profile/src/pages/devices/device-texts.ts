import type { DeviceKind, Session, SignInMethod } from '../../../../../shared/contracts/auth/sessions.ts';
import type { IconName } from '../../../../../shared/ui/icons.ts';

export const KIND_ICONS: Record<DeviceKind, IconName> = {
  desktop: 'monitor',
  phone: 'phone',
  tablet: 'tablet',
  program: 'terminal',
};

/** What the icon says, for those who do not see it. */
export const KIND_WORDS: Record<DeviceKind, string> = {
  desktop: 'computer',
  phone: 'phone',
  tablet: 'tablet',
  program: 'program',
};

/** How the session was opened, at the end of "Signed in since …". */
export const METHOD_WORDS: Record<SignInMethod, string> = {
  password: 'with the password',
  registration: 'when the account was created',
};

/** The device that asks, which is missing while it lies beyond the part that was read, and all the others. */
export const apart = (sessions: readonly Session[]): { current: Session | undefined; others: Session[] } => ({
  current: sessions.find(({ current }) => current),
  others: sessions.filter(({ current }) => !current),
});

const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

/** How many others there are, said once the list is there; `more` when not all of them have been read. */
export const countSentence = (others: number, more: boolean): string => {
  if (others === 0) return more ? '' : 'No other device is signed in.';
  return `${more ? 'More than ' : ''}${counted(others, 'other device')} signed in.`;
};

export const endedSentence = (ended: number): string =>
  ended === 0
    ? 'No other device was signed in.'
    : `${counted(ended, 'device')} ${ended === 1 ? 'was' : 'were'} signed out.`;

const named = (sessions: readonly Session[]): string =>
  sessions.length === 1 ? (sessions[0]?.device ?? '') : counted(sessions.length, 'device');
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
