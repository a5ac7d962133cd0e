import * as z from 'zod/mini';
import type { Contract } from '../../shared/contracts/contract.ts';
import type { Handlers } from '../calls/implement.ts';
import { defineService, type AnyServiceDefinition, type Service } from '../process/service.ts';

/**
 * A service for tests that answers its contract's actions as `overrides` say. It has no database and no
 * configuration; permission, deadline, params and results are checked as in the real service. An action
 * without an override throws, which its caller sees as `internal`.
 */
export const fakeService = <C extends Contract>(
  contract: C,
  overrides: Partial<Handlers<Service<unknown, undefined>, C>> = {},
): AnyServiceDefinition => {
  const missing = Object.keys(contract.actions).map((name) => [
    name,
    async () => {
      throw new Error(`the test gives no answer for ${contract.service}.${name}`);
    },
  ]);
  const actions = { ...Object.fromEntries(missing), ...overrides } as Handlers<Service<never, undefined>, C>;
  return defineService({ contract, config: z.object({}), actions: actions as never });
};
