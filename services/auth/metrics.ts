import { Counter } from 'prom-client';

const signIns = new Counter({
  name: 'payloom_sign_ins_total',
  help: 'Attempts to sign in with a password, by kind (browser, program) and outcome (ok or the error code)',
  labelNames: ['kind', 'outcome'],
});
const lockouts = new Counter({
  name: 'payloom_lockouts_total',
  help: 'Wrong passwords that started or extended a lockout, by its kind (account, address, device)',
  labelNames: ['kind'],
});
const revocations = new Counter({
  name: 'payloom_revocations_total',
  help: 'Revoked sessions, users whose rights have changed, and revoked signing keys, by what was revoked',
  labelNames: ['what'],
});

export const countSignIn = (kind: string, outcome: string): void => signIns.inc({ kind, outcome });
export const countLockout = (kind: string): void => lockouts.inc({ kind });
export const countRevocations = (what: 'sessions' | 'rights' | 'keys', count: number): void =>
  revocations.inc({ what }, count);
