import type { poc2Bridge } from '../../../shared/contracts/poc2-bridge.ts';

/** What POC-2 says, by the key of its event in the contract. */
export type Kind = Exclude<keyof typeof poc2Bridge.events, 'refused'>;

/** The two ways in which POC-2's services name the same channels. */
export const SCHEMES = ['colon-three', 'colon-two'] as const;
export type Scheme = (typeof SCHEMES)[number];

type Names = Readonly<Partial<Record<Scheme, string>>>;

/** The channel of each kind in each scheme; some kinds have a name in one of them alone. */
export const CHANNELS: Readonly<Record<Kind, Names>> = {
  userRegistered: { 'colon-three': 'auth:user:registered', 'colon-two': 'user:registered' },
  userLoggedIn: { 'colon-three': 'auth:user:logged_in', 'colon-two': 'user:login' },
  userLoggedOut: { 'colon-three': 'auth:user:logged_out', 'colon-two': 'user:logout' },
  passwordChanged: { 'colon-three': 'auth:password:changed', 'colon-two': 'user:password-changed' },
  tokenRefreshed: { 'colon-three': 'auth:token:refreshed' },
  paymentCreated: { 'colon-three': 'payments:payment:created', 'colon-two': 'payment:created' },
  paymentUpdated: { 'colon-three': 'payments:payment:updated', 'colon-two': 'payment:updated' },
  paymentCompleted: { 'colon-three': 'payments:payment:completed', 'colon-two': 'payment:completed' },
  paymentFailed: { 'colon-three': 'payments:payment:failed', 'colon-two': 'payment:failed' },
  userCreated: { 'colon-three': 'admin:user:created' },
  userUpdated: { 'colon-three': 'admin:user:updated' },
  userDeleted: { 'colon-three': 'admin:user:deleted' },
  configUpdated: { 'colon-three': 'admin:config:updated', 'colon-two': 'config:updated' },
  auditCreated: { 'colon-two': 'audit:created' },
};

const kinds: ReadonlyMap<string, Kind> = new Map(
  Object.entries(CHANNELS).flatMap(([kind, names]) =>
    Object.values(names).map((channel) => [channel, kind as Kind] as const),
  ),
);

/** Undefined for a channel that POC-2 is not known to have. */
export const kindOf = (channel: string): Kind | undefined => kinds.get(channel);

/** All channels that begin like a known one: an unknown name among them is refused, not overlooked. */
export const PATTERNS: readonly string[] = [
  ...new Set([...kinds.keys()].map((channel) => `${channel.split(':')[0]}:*`)),
];
