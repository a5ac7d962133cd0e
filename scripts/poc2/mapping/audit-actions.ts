import { admin } from '../../../shared/contracts/admin/admin.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { profile } from '../../../shared/contracts/profile.ts';

/** Our events by the words of POC-2's actions and of its events' names, without the service's. */
const ACTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    user_created: auth.events.userChanged.name,
    user_registered: auth.events.userChanged.name,
    register: auth.events.userChanged.name,
    user_invited: auth.events.userInvited.name,
    user_updated: auth.events.userEdited.name,
    user_deleted: auth.events.userClosed.name,
    user_activated: auth.events.userRestored.name,
    user_deactivated: auth.events.userSuspended.name,
    user_suspended: auth.events.userSuspended.name,
    role_changed: auth.events.roleChanged.name,
    user_role_changed: auth.events.roleChanged.name,
    login: auth.events.sessionStarted.name,
    user_login: auth.events.sessionStarted.name,
    user_logged_in: auth.events.sessionStarted.name,
    logout: auth.events.sessionEnded.name,
    user_logout: auth.events.sessionEnded.name,
    user_logged_out: auth.events.sessionEnded.name,
    password_changed: auth.events.passwordChanged.name,
    user_password_changed: auth.events.passwordChanged.name,
    account_locked: auth.events.signInLocked.name,
    user_locked: auth.events.signInLocked.name,
    account_unlocked: auth.events.lockoutLifted.name,
    user_unlocked: auth.events.lockoutLifted.name,
    session_revoked: auth.events.userSignedOut.name,
    key_rotated: auth.events.keysRotated.name,
    payment_created: payments.events.created.name,
    payment_processing: payments.events.processing.name,
    payment_completed: payments.events.completed.name,
    payment_failed: payments.events.failed.name,
    payment_cancelled: payments.events.cancelled.name,
    payment_canceled: payments.events.cancelled.name,
    config_updated: admin.events.settingChanged.name,
    system_config_updated: admin.events.settingChanged.name,
    profile_updated: profile.events.detailsChanged.name,
    preferences_updated: profile.events.preferencesChanged.name,
  }),
);

const words = (name: string): string => name.replaceAll(/[^a-z0-9]+/g, '_');

/** Our events by their own words: what POC-2 has no action for goes back as these. */
const OURS: ReadonlyMap<string, string> = new Map(
  [admin, auth, payments, profile]
    .flatMap(({ events }) => Object.values<{ name: string }>(events))
    .map(({ name }) => [words(name), name]),
);

/** Names of events begin with that of their service: `auth:user:logged_in`. */
const SERVICES = /^(?:auth|payments|admin|profile)_(?=[a-z]+_)/;

export type AuditAction = {
  name: string;
  problem: null | 'action_spelling' | 'action_unknown';
};

/** The name of our event; `poc2.` and the words of an action that we have no event for. */
export const actionOf = (given: string | null): AuditAction => {
  const text = (given ?? '').trim();
  const spoken = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const name = ACTIONS.get(spoken) ?? ACTIONS.get(spoken.replace(SERVICES, '')) ?? OURS.get(spoken);
  if (name === undefined)
    return { name: `poc2.${spoken.replaceAll('_', '-') || 'unknown'}`, problem: 'action_unknown' };
  return { name, problem: text === spoken.toUpperCase() ? null : 'action_spelling' };
};

/** POC-2's action for an event of ours, of which there may be several; otherwise our words. */
export const poc2ActionOf = (name: string, isFirst: boolean): string => {
  const isChange = name === auth.events.userChanged.name && !isFirst;
  const known = isChange ? undefined : [...ACTIONS].find(([, event]) => event === name)?.[0];
  return (known ?? words(name)).toUpperCase();
};
