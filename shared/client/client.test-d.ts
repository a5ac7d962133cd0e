import { expectTypeOf } from 'expect-type';
import { payments, type Payment } from '../contracts/payments.ts';
import type { Client } from './client.ts';

declare const client: Client;

/** Checked by the compiler, never run. */
export const typesOfTheClient = () => {
  const { cancel, inspect, list } = payments.actions;
  expectTypeOf(client.call(cancel, { id: 'pay_1' })).resolves.toEqualTypeOf<Payment>();
  expectTypeOf(client.call(list, {})).resolves.toHaveProperty('nextCursor');
  // @ts-expect-error a param is missing
  void client.call(cancel, {});
  // @ts-expect-error a param is unknown
  void client.call(cancel, { id: 'pay_1', more: 1 });
  // @ts-expect-error an action without an HTTP route is not reachable from a browser
  void client.call(inspect, { id: 'pay_1' });
};
