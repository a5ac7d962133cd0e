import type { Copy } from '../../../broker/copies/copy.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { AdminService } from '../admin.ts';
import { addEntry, onRecorded } from '../audit/record.ts';
import { makeApproved } from '../settings/approved.ts';
import { replacePerson, type Person } from '../persistence/people.ts';

const { userChanged, approvalGiven, ...others } = auth.events;

/** Keeps the copy of people up to date; its former state is the entry's state before. */
const onUserChanged = subscribe(userChanged, async (service: AdminService, delivery) => {
  const before = await replacePerson(delivery.tx, delivery.payload);
  await addEntry(service, userChanged.name, delivery, before);
});

/** Makes an approved change of a setting in the transaction that records the approval as handled: once. */
const onApprovalGiven = subscribe(approvalGiven, async (service: AdminService, delivery) => {
  await addEntry(service, approvalGiven.name, delivery);
  await makeApproved(service, delivery.tx, delivery.payload);
});

export const authSubscribers = [onUserChanged, onApprovalGiven, ...Object.values(others).map(onRecorded)];

/** This service's copy of the users of auth. */
export const userCopy: Copy = {
  source: auth.actions.userCopies,
  table: 'people',
  columns: ['email', 'name', 'role', 'status'],
  save: async (tx, user: Person) => void (await replacePerson(tx, user)),
};
