import { poc2ActionOf } from '../mapping/audit-actions.ts';
import type { OldIds } from './old-ids.ts';
import { insert, type Write } from './writes.ts';

/** An entry of the audit log. */
export type EntryNow = {
  id: string;
  old_id: string;
  at: string;
  action: string;
  actor_id: string | null;
  target_type: string | null;
  target_id: string | null;
  address: string | null;
  device: string | null;
  session_id: string | null;
  request_id: string | null;
  trace_id: string | null;
  reason: string | null;
  /** JSON. */
  before: string | null;
  after: string | null;
};

const ID = /\b(?:usr|pay)_[0-9a-f]{32}\b/g;

/** Ids of users and payments that an entry names. */
export const idsIn = ({ actor_id: actor, target_id: target, before, after }: EntryNow): string[] => [
  ...[actor ?? '', target ?? ''].filter((id) => /^(usr|pay)_/.test(id)),
  ...[...`${before ?? ''} ${after ?? ''}`.matchAll(ID)].map(([id]) => id),
];

const isOld = (id: string): boolean => id.startsWith('usr_') || id.startsWith('pay_');

const stateOf = (json: string | null, oldIds: OldIds): Record<string, unknown> => {
  if (json === null) return {};
  const state: unknown = JSON.parse(json.replaceAll(ID, (id) => oldIds(id) ?? id));
  return typeof state === 'object' && state !== null ? (state as Record<string, unknown>) : { value: state };
};

const former = (name: string): string => `old${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** States and what POC-2 has no column for, in one object: `oldRole` is what `role` was. */
const detailsOf = (now: EntryNow, oldIds: OldIds): string | null => {
  const before = Object.entries(stateOf(now.before, oldIds)).map(([name, value]) => [former(name), value]);
  const { reason, session_id: sessionId, request_id: requestId, trace_id: traceId } = now;
  const others = Object.entries({ sessionId, requestId, traceId, reason }).filter(
    ([, value]) => value !== null,
  );
  const details = {
    ...(Object.fromEntries(before) as object),
    ...stateOf(now.after, oldIds),
    ...(Object.fromEntries(others) as object),
  };
  return Object.keys(details).length === 0 ? null : JSON.stringify(details);
};

const TYPES: Readonly<Record<string, string>> = { setting: 'config' };

/**
 * The row of POC-2 that an entry becomes.
 * @param left ids of users who do not go back
 */
export const entryBack = (now: EntryNow, oldIds: OldIds, left: ReadonlySet<string>): Write => {
  const { actor_id: actor, target_type: type, target_id: target } = now;
  return insert('audit_logs', now.old_id, {
    user_id: actor === null || left.has(actor) ? null : oldIds(actor),
    action: poc2ActionOf(now.action, now.before === null),
    resource_type: type === null ? null : (TYPES[type] ?? type),
    resource_id: target !== null && isOld(target) ? oldIds(target) : target,
    details: detailsOf(now, oldIds),
    ip_address: now.address,
    user_agent: now.device,
    created_at: now.at,
  });
};
