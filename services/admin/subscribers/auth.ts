import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { AdminService } from '../admin.ts';
import { addEntry, onRecorded } from '../audit/record.ts';
import { replacePerson } from '../persistence/people.ts';

const { userChanged, ...others } = auth.events;

/** Keeps the copy of people up to date; its former state is the entry's state before. */
const onUserChanged = subscribe(userChanged, async (service: AdminService, delivery) => {
  const before = await replacePerson(delivery.tx, delivery.payload);
  await addEntry(service, userChanged.name, delivery, before);
});

export const authSubscribers = [onUserChanged, ...Object.values(others).map(onRecorded)];
