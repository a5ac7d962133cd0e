import type { Client } from '../../../../../shared/client/client.ts';
import { hasCode, isProblem } from '../../../../../shared/client/problem.ts';
import type { LargestAmounts } from '../../../../../shared/contracts/admin/settings.ts';
import type { Currency } from '../../../../../shared/contracts/currencies.ts';
import { payableCurrencies } from '../../../../../shared/contracts/currencies.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import { TEST_CARDS } from '../../../../../shared/contracts/test-cards.ts';
import type { Payment } from '../../../../../shared/contracts/payments.ts';
import { currencyFrom } from './last-currency.ts';
import { checkPay, problemsOfRefusal, rewritten } from './pay-check.ts';
import type { PayBody, PayField, PayInput, PayProblems } from './pay-check.ts';
import { keyAfter, keyFor, openKey } from './payment-key.ts';

const IN_PROGRESS_TRIES = 5;

/** Without a session nothing was tried: what was known of the payment before still holds. */
const isSignedOut = (error: unknown): boolean => isProblem(error) && error.problem.status === 401;

const freshKey = (): string => crypto.randomUUID();
const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

/** Sends under one form's key; while an earlier try is still running its answer is waited for. */
const senderOf = (client: Client): ((checked: PayBody) => Promise<Payment>) => {
  let key = openKey(freshKey);
  return async (checked) => {
    const text = JSON.stringify(checked);
    key = keyFor(key, text, freshKey);
    for (let tries = 1; ; tries++) {
      try {
        const payment = await client.call(payments.actions.create, checked, { idempotencyKey: key.key });
        key = keyAfter(key, text, null);
        return payment;
      } catch (problem) {
        key = keyAfter(key, text, problem);
        if (tries >= IN_PROGRESS_TRIES || !hasCode(problem, 'idempotency_in_progress')) throw problem;
        await pause((problem.retryAfterS ?? 1) * 1_000);
      }
    }
  };
};

/** The currency of a new form. @param wanted that of the reader's choice, or of the last payment */
export const currencyOf = (wanted: Currency | null): Currency =>
  currencyFrom(wanted, payableCurrencies(new Date()));

/** What stands in a new form. @param wanted the currency of the reader's choice, or of the last payment */
export const emptyInput = (locale: string, wanted: Currency | null): PayInput => ({
  payee: null,
  amount: '',
  locale,
  currency: currencyOf(wanted),
  paymentMethod: TEST_CARDS[0].id,
  description: '',
});

const FIELDS: readonly PayField[] = ['payee', 'amount', 'currency', 'paymentMethod', 'description'];

/** What was typed, and whether that is more than what stood in the form at the beginning. */
const createInput = (beginning: PayInput) => {
  const input = $state(beginning);
  const untouched = { ...input };
  /** Whether anything was typed or chosen that would be lost. */
  const isEdited = (): boolean => FIELDS.some((field) => input[field] !== untouched[field]);
  /** Begins in another currency, unless the reader has begun already. */
  const beginIn = (currency: Currency): void => {
    if (isEdited()) return;
    input.currency = currency;
    untouched.currency = currency;
  };
  let largest = (): LargestAmounts => ({});
  /** Checks amounts from now on by the largest ones that are in force. */
  const limitTo = (inForce: () => LargestAmounts): void => void (largest = inForce);
  const checked = () => checkPay(input, largest());
  return { input, isEdited, beginIn, limitTo, checked };
};

/** One opened form: what was typed, what is wrong with it, and the key under which it is paid once. */
export const createPayForm = (client: Client, beginning: PayInput) => {
  const { input, isEdited, beginIn, limitTo, checked } = createInput(beginning);
  let problems = $state.raw<PayProblems>({});
  let error = $state.raw<unknown>(null);
  let sending = $state(false);
  let body = $state.raw<PayBody | null>(null);
  const send = senderOf(client);

  const judge = (field: PayField): void => {
    if (input[field] !== '') problems = { ...problems, [field]: checked().problems?.[field] };
  };

  return {
    input,
    isEdited,
    beginIn,
    limitTo,
    get problems() {
      return problems;
    },
    /** Why the last try was not a payment, when that is not about one field. */
    get error() {
      return error;
    },
    get sending() {
      return sending;
    },
    /** What will be paid; null until the form was checked and found good. */
    get body() {
      return body;
    },
    /** Takes the message away beside a field that is being mended. */
    mend: (field: PayField): void => {
      if (problems[field] !== undefined) problems = { ...problems, [field]: undefined };
    },
    /** Judges one field when the reader leaves it; an empty one is judged at the end only. */
    checkField: judge,
    /** Changes what the amount is written in; it stays the same number. */
    rewrite: (to: { currency: Currency } | { locale: string }): void => {
      Object.assign(input, rewritten(input, to));
      problems = { ...problems, currency: undefined };
      judge('amount');
    },
    check: (): boolean => {
      const found = checked();
      problems = found.problems ?? {};
      body = found.body;
      error = null;
      return body !== null;
    },
    /** Back to typing: what was checked no longer stands. */
    reopen: (): void => void (body = null),
    /** Pays the checked form; null when it was refused: `problems` or `error` have the reason. */
    pay: async (): Promise<Payment | null> => {
      if (sending || body === null) return null;
      const before = error;
      sending = true;
      error = null;
      try {
        return await send(body);
      } catch (problem) {
        problems = problemsOfRefusal(problem, input.locale);
        error = isSignedOut(problem) ? before : problem;
        return null;
      } finally {
        sending = false;
      }
    },
  };
};
export type PayForm = ReturnType<typeof createPayForm>;
