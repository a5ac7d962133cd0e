import type { UserId } from '../../../shared/contracts/ids.ts';
import { cleanName, emailOf, userIdOf, type SourceUser } from './people.ts';
import type { MappingContext, TargetRow, Value } from './table-mapping.ts';

/** A user with the name that an entry keeps. */
export type NamedUser = SourceUser & { name: string | null };

const nameAndEmail = (user: NamedUser | null, context: MappingContext) => {
  const email = user && emailOf(user, context);
  return { name: user && email && cleanName(user.name, email).name, email };
};

type Entry = {
  id: string;
  actor: NamedUser | null;
  person: NamedUser | null;
  /** Others whom it names. */
  people: readonly UserId[];
  values: Record<
    'at' | 'action' | 'target_type' | 'target_id' | 'address' | 'device' | 'reason' | 'before' | 'after',
    Value
  >;
};

const row = (table: string, values: Record<string, Value>): TargetRow => ({
  database: 'admin',
  table,
  values,
});

/** An entry of the audit log with its people; admin's own worker seals it into the chain. */
export const entryRows = (entry: Entry, context: MappingContext): TargetRow[] => {
  const { id, actor, person } = entry;
  const [actorId, personId] = [actor && userIdOf(actor), person && userIdOf(person)];
  const both = [actorId, personId].filter((one) => one !== null);
  const people = [...new Set([...both, ...entry.people])].sort();
  const [by, on] = [nameAndEmail(actor, context), nameAndEmail(person, context)];
  const values = {
    actor_id: actorId,
    actor_name: by.name,
    actor_email: by.email,
    actor_role: actor && actor.role,
    person_id: personId,
    person_name: on.name,
    person_email: on.email,
    ...entry.values,
  };
  return [
    row('entries', { id, ...values, people }),
    ...people.map((one) => row('entry_people', { person_id: one, entry_id: id })),
    row('unsealed', { entry_id: id }),
  ];
};
