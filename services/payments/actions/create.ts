import { hash } from 'node:crypto';
import { callerOf, type Call, type Handler } from '../../../broker/calls/implement.ts';
import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import { currentTraceparent } from '../../../broker/calls/request-context.ts';
import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import {
  brokenLimit,
  CURRENCY_RULES,
  isPayable,
  type LimitCode,
} from '../../../shared/contracts/currencies.ts';
import type { LargestAmounts } from '../../../shared/contracts/admin/settings.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { toDecimal } from '../../../shared/contracts/money.ts';
import { payments, type Payment } from '../../../shared/contracts/payments.ts';
import { canonicalJson, isSameRequest, type RequestHashes } from '../domain/fingerprint.ts';
import { postingsOf } from '../domain/ledger.ts';
import { countPayment } from '../metrics.ts';
import type { PaymentsService } from '../payments.ts';
import { readKey, readPartiesAndKey, type UsedKey } from '../persistence/idempotency.ts';
import { openPayment } from '../persistence/open-payment.ts';
import { saveFetchedParty, type KnownParty } from '../persistence/parties.ts';
import { DRIVER_WORK } from '../processor/driver.ts';
import { toStripeAmount } from '../processor/minor-units.ts';

type Create = typeof payments.actions.create;
type CreateCall = Call<Create>;

const partyOf = ({ id, name, email }: KnownParty) => ({ id, name, email });

/** Fetches a party from auth that no event has brought yet, and stores it. */
const fetchParty = async (
  service: PaymentsService,
  who: { id: UserId } | { email: string },
): Promise<KnownParty | null> => {
  const { user } = await service.call(auth.actions.findUser, who);
  if (!user) return null;
  const { id, email, name, role, status, version } = user;
  const party = { id, email, name, role, status, version };
  await saveFetchedParty(service.db, party);
  return party;
};

const refuse = (code: 'payee_unknown' | 'payee_unavailable' | 'pay_oneself', path: string) => {
  const error = new AppError(code);
  error.data.errors = [{ path, message: error.message, code }];
  throw error;
};

const LIMITS: Record<LimitCode, string> = {
  amount_under_limit: 'at least',
  amount_over_limit: 'at most',
  amount_step: 'a multiple of',
};

/**
 * Limits and ends of currencies are not in the contract's schema, which is checked before the key: a payment
 * stays the answer of its key when its currency has ended since, or its limit was lowered.
 */
const checkMoney = ({ amountMinor, currency }: CreateCall['params'], largest: LargestAmounts, at: Date) => {
  const rules = CURRENCY_RULES[currency];
  if (!isPayable(rules, at)) {
    const { on, replacedBy } = rules.ended ?? {};
    const message = replacedBy
      ? `${currency} was replaced by ${replacedBy} on ${on}`
      : `${currency} begins on ${rules.from}`;
    const errors = [{ path: 'currency', message, code: 'currency_unavailable' as const }];
    throw new AppError('currency_unavailable', { detail: `${message}.`, errors });
  }
  const broken = brokenLimit(amountMinor, currency, largest[currency]);
  if (broken) {
    const { code, limitMinor } = broken;
    const limit = { amountMinor: limitMinor, currency };
    const message = `must be ${LIMITS[code]} ${limitMinor} (${toDecimal(limit)} ${currency})`;
    throw new AppError(code, { errors: [{ path: 'amountMinor', message, code, limit }] });
  }
  const mapped = toStripeAmount({ amountMinor, currency });
  if ('refused' in mapped) {
    throw new AppError('invalid_params', { errors: [{ path: 'amountMinor', message: mapped.refused }] });
  }
};

const checkPayee = (payee: KnownParty | null, payerId: UserId, path: string): KnownParty => {
  if (payee?.id === payerId) refuse('pay_oneself', path);
  if (!payee || payee.role !== 'VENDOR' || payee.status === 'deleted') refuse('payee_unknown', path);
  if (payee?.status !== 'active') refuse('payee_unavailable', path);
  return payee as KnownParty;
};

const sha256 = (text: string): string => hash('sha256', text, 'base64url');

const replay = (call: CreateCall, used: UsedKey, hashes: RequestHashes): Payment => {
  if (!isSameRequest(used, hashes)) throw new AppError('idempotency_key_reused');
  call.replayed();
  return JSON.parse(used.response) as Payment;
};

/** A lock timeout (55P03) here means that the first request with the same key is still running. */
const inProgress = (error: unknown): unknown => {
  const cause = isAppError(error) ? (error.cause as { code?: string } | undefined) : undefined;
  return cause?.code === '55P03' ? new AppError('idempotency_in_progress', { retryAfterS: 1 }) : error;
};

/**
 * Creates a payment: key, payment, postings and event in one transaction. The driver then calls the
 * processor.
 */
export const create: Handler<PaymentsService, Create> = async (service, call) => {
  const { params } = call;
  const { userId: payerId } = callerOf(call);
  const key = call.idempotencyKey ?? '';
  const hashes = { fingerprint: sha256(canonicalJson(params)), bodyHash: sha256(JSON.stringify(params)) };
  const path = 'id' in params.payee ? 'payee.id' : 'payee.email';

  const known = await readPartiesAndKey(service.db, payerId, key, params.payee);
  if (known.used) return replay(call, known.used, hashes);
  if (known.isStopped) throw new AppError('payments_stopped');
  checkMoney(params, known.largestAmounts, service.clock.now());
  const payer = known.payer ?? (await fetchParty(service, { id: payerId }));
  if (!payer || payer.status !== 'active') throw new AppError('forbidden');
  const payee = checkPayee(known.payee ?? (await fetchParty(service, params.payee)), payerId, path);

  const at = service.clock.now();
  const payment = pendingPayment(newId('payment', at.getTime()), partyOf(payer), partyOf(payee), params, at);
  const event = service.outbox.row(payments.events.created, eventOf(payment));
  const opened = await openPayment(service.db, {
    payment,
    key,
    hashes,
    response: JSON.stringify(payment),
    postings: postingsOf('opened', payment, payment.payee.id),
    event,
    at,
    dueAt: at,
    traceparent: currentTraceparent(),
  }).catch((error: unknown) => {
    throw inProgress(error);
  });
  if (!opened) {
    const used = await readKey(service.db, payerId, key);
    if (!used) throw new AppError('idempotency_in_progress', { retryAfterS: 1 });
    return replay(call, used, hashes);
  }
  countPayment(payment.status, payment);
  service.outbox.wake(event);
  service.db.wake(DRIVER_WORK);
  return payment;
};

const pendingPayment = (
  id: Payment['id'],
  payer: Payment['payer'],
  payee: Payment['payee'],
  params: CreateCall['params'],
  at: Date,
): Payment => ({
  id,
  status: 'pending',
  amountMinor: params.amountMinor,
  currency: params.currency,
  payer,
  payee,
  paymentMethod: params.paymentMethod,
  description: params.description || null,
  metadata: params.metadata ?? {},
  failure: null,
  version: 1,
  createdAt: at.toISOString(),
  updatedAt: at.toISOString(),
});

const eventOf = (payment: Payment) => ({
  id: payment.id,
  payerId: payment.payer.id,
  payeeId: payment.payee.id,
  amountMinor: payment.amountMinor,
  currency: payment.currency,
  status: payment.status,
  version: payment.version,
  at: payment.updatedAt,
});
