import type { Caller } from '../../../broker/calls/envelope.ts';
import type { AnyServiceDefinition } from '../../../broker/process/service.ts';
import { findServices } from '../../../broker/process/find-services.ts';
import { freePort } from '../../../broker/postgres/embedded-folder.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { SessionId } from '../../../shared/contracts/ids.ts';
import { payments, type Payment } from '../../../shared/contracts/payments.ts';
import type { Role } from '../../../shared/contracts/roles.ts';

export type PaymentsApp = TestServices & {
  customer: Caller;
  vendor: Caller;
  /** Creates an account of this role in auth; payments receives it by event or fetches it. */
  user(role: Role, email: string): Promise<Caller>;
  pay(body: Partial<PayBody>, key: string, as?: Caller): Promise<Payment>;
  /** Waits until the payment has this status. */
  reaches(id: Payment['id'], status: Payment['status'], limitMs?: number): Promise<Payment>;
};
type PayBody = Parameters<TestServices['call']>[1] & Record<string, unknown>;

export const VENDOR_EMAIL = 'vendor@example.com';
export const PASSWORD = 'TestPassword123!';

/** The services of a payment on throw-away databases, with the real sandbox over HTTP. */
export const startPayments = async (env: Record<string, string> = {}): Promise<PaymentsApp> => {
  const definitions: AnyServiceDefinition[] = await findServices({
    SERVICES: 'auth,payments,processor-sandbox',
  });
  const port = await freePort();
  const app = await startServices(definitions, {
    env: { SANDBOX_PORT: String(port), PROCESSOR_URL: `http://127.0.0.1:${port}`, ...env },
  });
  const user = async (role: Role, email: string): Promise<Caller> => {
    const body = { email, password: PASSWORD, name: `${role} ${email}`, role };
    const made = await app.call(auth.actions.createUser, body, { from: 'test' });
    return { userId: made.id, role, sessionId: `ses_${'0'.repeat(32)}` as SessionId };
  };
  const vendor = await user('VENDOR', VENDOR_EMAIL);
  const customer = await user('CUSTOMER', 'customer@example.com');
  return {
    ...app,
    customer,
    vendor,
    user,
    pay: (body, key, as = customer) =>
      app.call(
        payments.actions.create,
        {
          payee: { email: VENDOR_EMAIL },
          amountMinor: 1_234,
          currency: 'EUR',
          paymentMethod: 'pm_card_visa',
          ...body,
        } as never,
        { as, idempotencyKey: key },
      ),
    reaches: (id, status, limitMs) =>
      eventually(async () => {
        const payment = await app.call(payments.actions.get, { id }, { as: customer });
        return payment.status === status && payment;
      }, limitMs),
  };
};
