import type { Action, HttpRoute } from '../../../shared/contracts/contract.ts';
import type { Role } from '../../../shared/contracts/roles.ts';

/** What the pipeline's steps need of an action; none of it depends on the request. */
export type AccessRules = {
  action: Action;
  /** `null`: anyone. Empty: any signed-in user. */
  roles: readonly Role[] | null;
  session: HttpRoute['session'] | null;
  /** May change data, so another site must not be able to send it with a user's cookies. */
  write: boolean;
  takesKey: boolean;
  ownPagesOnly: boolean;
};

/** @throws Error for an action that only services may call */
export const accessRulesOf = (action: Action, write: boolean): AccessRules => {
  const { permission } = action;
  if (permission === 'services') throw new Error(`${action.name} is for services only and can have no route`);
  return {
    action,
    roles: permission === 'anyone' ? null : permission === 'signed-in' ? [] : permission,
    session: action.http?.session ?? null,
    write,
    takesKey: action.idempotent === 'key',
    ownPagesOnly: action.http?.ownPagesOnly ?? false,
  };
};
