import type { Client } from '../../../../../shared/client/client.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ManagedUser } from '../../../../../shared/contracts/auth/users.ts';

export type Person = Pick<ManagedUser, 'id' | 'name' | 'email'>;

/** Users whose payments were looked at, by id: the address has only the id. */
let known = $state.raw<Readonly<Record<string, Person>>>({});

export const personOf = (id: string): Person | null => known[id] ?? null;

export const rememberPerson = (person: Person): void => {
  known = { ...known, [person.id]: person };
};

/** Users by name, e-mail address or id; for administrators. */
export const findPeople = async (client: Client, q: string, signal?: AbortSignal): Promise<Person[]> =>
  (await client.call(auth.actions.users, { q, limit: 10, sort: 'name' }, signal ? { signal } : {})).items;

/** Reads who has this id; without an answer the person stays nameless. */
export const readPerson = (client: Client, id: string): void => {
  if (id === '' || personOf(id) !== null) return;
  void findPeople(client, id).then(
    (found) => {
      const person = found.find((one) => one.id === id);
      if (person) rememberPerson(person);
    },
    () => {},
  );
};
