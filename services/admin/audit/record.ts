import type { EventDelivery, Subscriber } from '../../../broker/events/inbox.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { Event } from '../../../shared/contracts/contract.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { AdminService } from '../admin.ts';
import { detailsOf, type State } from '../domain/details.ts';
import { insertEntry } from '../persistence/entries.ts';
import { readPeople, replacePerson, type Person } from '../persistence/people.ts';

type Delivery = Omit<EventDelivery<Event>, 'payload'> & { payload: unknown };

/** The people of these ids. One of whom no event has arrived yet is fetched from auth and saved. */
const peopleOf = async (
  { call }: Pick<AdminService, 'call'>,
  tx: Delivery['tx'],
  ids: readonly UserId[],
): Promise<Map<string, Person>> => {
  const people = await readPeople(tx, ids);
  // Sorted: two transactions that save the same people lock their rows in the same order.
  for (const id of ids.filter((one) => !people.has(one)).toSorted()) {
    const { user } = await call(auth.actions.findUser, { id });
    if (!user) continue;
    await replacePerson(tx, user);
    people.set(id, user);
  }
  return people;
};

/**
 * Adds the audit entry of an event, in the transaction that records the event as handled.
 * @param event its full name
 * @param before the former state of what it changed, where this service knows it
 */
export const addEntry = async (
  service: Pick<AdminService, 'call'>,
  event: string,
  { id, payload, requestId, origin, occurredAtMs, tx }: Delivery,
  before: State | null = null,
): Promise<void> => {
  const details = detailsOf(payload as State, origin, before);
  const { actorId, personId } = details;
  const named = [actorId, personId].filter((one) => one !== null);
  const people = await peopleOf(service, tx, [...new Set(named)]);
  const actor = actorId === null ? undefined : people.get(actorId);
  const person = personId === null ? undefined : people.get(personId);
  await insertEntry(tx, {
    ...details,
    id,
    at: new Date(occurredAtMs),
    action: event,
    requestId,
    actorRole: details.actorRole ?? actor?.role ?? null,
    actorName: actor?.name ?? null,
    actorEmail: actor?.email ?? null,
    personName: person?.name ?? null,
    personEmail: person?.email ?? null,
  });
};

/** A subscriber that makes an audit entry of each event, whatever the event is. */
export const onRecorded = (event: Event): Subscriber<AdminService> =>
  subscribe(event, (service: AdminService, delivery) => addEntry(service, event.name, delivery));
