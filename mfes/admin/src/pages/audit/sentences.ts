import type { AuditEntry } from '../../../../../shared/contracts/admin/audit.ts';
import { EVENT_TEXTS } from './event-texts.ts';
import { begun, wordsOf } from './words.ts';

type Person = { id: string; name: string | null; email: string | null };

const UNKNOWN = 'an unknown user';

/** As an entry names a person; one whose name is not known by the id. */
export const nameOf = ({ id, name, email }: Person): string => name ?? email ?? id;

/** What an action is called. */
export const actionLabel = (action: string): string =>
  EVENT_TEXTS.get(action)?.label ?? begun(wordsOf(action));

/** What an entry says, as a sentence without its full stop and its reason. */
export const sentenceOf = (entry: AuditEntry, locale: string): string => {
  const said = {
    entry,
    actor: entry.actor ? nameOf(entry.actor) : 'Payloom',
    person: entry.person ? nameOf(entry.person) : UNKNOWN,
    locale,
  };
  const sentence = EVENT_TEXTS.get(entry.action)?.say(said) ?? begun(wordsOf(entry.action));
  // A name or an address is written as it is, also at the beginning.
  return sentence.startsWith(UNKNOWN) ? begun(sentence) : sentence;
};

/** The reason that a person gave; a code of the system is part of the sentence. */
export const reasonOf = ({ reason }: AuditEntry): string =>
  reason !== null && !/^[a-z]+(_[a-z]+)*$/.test(reason) ? reason : '';

/** The actions that a filter offers, in their groups. */
export const ACTION_OPTIONS = [...EVENT_TEXTS].map(([value, { group, label }]) => ({ value, label, group }));
