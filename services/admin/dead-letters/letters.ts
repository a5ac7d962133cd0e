import { AppError } from '../../../broker/calls/errors.ts';
import type { AdminDeadLetter } from '../../../shared/contracts/admin/dead-letters.ts';
import type { SystemService } from '../../../shared/contracts/admin/system.ts';
import type { LetterSummary } from '../../../shared/contracts/operations.ts';
import type { AdminService } from '../admin.ts';
import type { LetterKey } from '../persistence/dead-letter-runs.ts';
import { snapshotOf } from '../system/snapshot.ts';

/** The service and the event in the id of a dead letter. */
export const keyOf = (id: string): LetterKey => {
  const at = id.indexOf(':');
  return [id.slice(0, at), id.slice(at + 1)];
};
export const idOf = ([service, eventId]: LetterKey): string => `${service}:${eventId}`;

export const toDeadLetter = (letter: LetterSummary): AdminDeadLetter => ({
  ...letter,
  id: idOf([letter.service, letter.id]),
  eventId: letter.id,
});

type Counted = { service: string; dead: number; reachable: boolean };
type ServiceLetters = Counted & { items: LetterSummary[] };

const servicesOf = ({ state, nodeId }: AdminService): SystemService[] => {
  const snapshot = snapshotOf(state.system, nodeId);
  if (!snapshot) throw new AppError('unavailable', { retryAfterS: 1 });
  return snapshot.services;
};

/**
 * The process that is asked about the dead letters of a service: always the same one, as long as it is there,
 * because reading takes them from the queue for a moment.
 * @throws AppError `unavailable` while no process of the service answers
 */
export const readerOf = (service: AdminService, name: string): { nodeId: string; service: string } => {
  const readBy = servicesOf(service).find((one) => one.name === name)?.readBy;
  if (!readBy) throw new AppError('unavailable', { retryAfterS: 2 });
  return { nodeId: readBy, service: name };
};

const lettersOf = async (
  service: AdminService,
  { name, readBy, queue }: SystemService,
  isNamed: boolean,
): Promise<ServiceLetters> => {
  const none = { service: name, dead: queue?.dead ?? 0, reachable: readBy !== null, items: [] };
  if (!readBy || (queue?.dead === 0 && !isNamed)) return none;
  try {
    const of = { nodeId: readBy, service: name };
    const { items, total } = await service.nodes.ask('deadLetters', of, {});
    return { ...none, dead: total, items };
  } catch (error) {
    service.log.warn({ err: error, service: name }, 'dead letters could not be read');
    return { ...none, reachable: false };
  }
};

/** Services that handle events, and those that should and do not answer. */
const mayHaveLetters = (services: readonly SystemService[]): SystemService[] => {
  const subscribers = new Set(services.flatMap(({ sendsTo }) => sendsTo));
  return services.filter(({ name, queue }) => queue !== null || subscribers.has(name));
};

/**
 * The dead letters of all services, at most a thousand of each.
 * @param named services that are asked even if they had none when the system was last looked at
 */
export const allLetters = async (
  service: AdminService,
  named: ReadonlySet<string> = new Set(),
): Promise<ServiceLetters[]> =>
  Promise.all(mayHaveLetters(servicesOf(service)).map((one) => lettersOf(service, one, named.has(one.name))));
