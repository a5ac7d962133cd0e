import { fieldErrors, hasCode, isProblem } from '../../../../../shared/client/problem.ts';
import type { LargestAmounts } from '../../../../../shared/contracts/admin/settings.ts';
import type { ParamsOf } from '../../../../../shared/contracts/contract.ts';
import { brokenLimit } from '../../../../../shared/contracts/currencies.ts';
import type { Currency, LimitCode } from '../../../../../shared/contracts/currencies.ts';
import { formatMoney } from '../../../../../shared/contracts/money.ts';
import type { Money } from '../../../../../shared/contracts/money.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import type { Party } from '../../../../../shared/contracts/payments.ts';
import { parseAmount, retypedAmount } from '../../../../../shared/contracts/typed-amounts.ts';

/** What the form holds, as typed and chosen; the amount is typed in the reader's locale. */
export type PayInput = {
  payee: Party | null;
  amount: string;
  locale: string;
  currency: Currency;
  paymentMethod: string;
  description: string;
};
export type PayField = Exclude<keyof PayInput, 'locale'>;
export type PayProblems = Partial<Record<PayField, string>>;
export type PayBody = ParamsOf<typeof payments.actions.create>;

const FIELD_OF: Record<string, PayField> = {
  payee: 'payee',
  amountMinor: 'amount',
  currency: 'currency',
  paymentMethod: 'paymentMethod',
  description: 'description',
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const LIMIT_TEXTS: Record<LimitCode, string> = {
  amount_under_limit: 'At least',
  amount_over_limit: 'At most',
  amount_step: 'Cards are charged in steps of',
};

const limitSentence = (code: LimitCode, limit: Money, locale: string): string =>
  `${LIMIT_TEXTS[code]} ${formatMoney(limit, locale)}.`;

/** Which limit the amount breaks, as a sentence; null when it can be charged. */
const brokenLimitText = (
  amountMinor: number,
  { currency, locale }: Pick<PayInput, 'currency' | 'locale'>,
  largest: LargestAmounts,
): string | null => {
  const broken = brokenLimit(amountMinor, currency, largest[currency]);
  return broken && limitSentence(broken.code, { amountMinor: broken.limitMinor, currency }, locale);
};

/** Whether an amount keeps the limits of its currency. */
export const isChargeable = (amountMinor: number, currency: Currency): boolean =>
  brokenLimit(amountMinor, currency) === null;

const amountOf = (input: PayInput, largest: LargestAmounts) => {
  const { amount: text, currency, locale } = input;
  const amount = parseAmount(text, currency, locale);
  if ('problem' in amount && amount.kind === 'ambiguous') {
    // A reading that cannot be paid is not offered, and its limit is named instead.
    const broken = amount.readings.flatMap((minor) => brokenLimitText(minor, input, largest) ?? []);
    if (broken.length === 0) return amount;
    const question = broken.length < amount.readings.length ? ' Do you mean this?' : '';
    return { problem: `${broken.at(-1)}${question}` };
  }
  if ('problem' in amount && amount.kind !== 'too_large') return amount;
  const broken = brokenLimitText('problem' in amount ? Infinity : amount.amountMinor, input, largest);
  return broken === null ? amount : { problem: broken };
};

/**
 * The body to send, or what is wrong beside each field: the contract's schema and limits judge.
 * @param largest the largest amounts that are in force, by currency
 */
export const checkPay = (
  input: PayInput,
  largest: LargestAmounts = {},
): { body: PayBody; problems: null } | { body: null; problems: PayProblems } => {
  const problems: PayProblems = {};
  const amount = amountOf(input, largest);
  if (input.payee === null) problems.payee = 'Choose who gets the money.';
  if ('problem' in amount) problems.amount = amount.problem;
  if (input.paymentMethod === '') problems.paymentMethod = 'Choose a card.';
  const description = input.description.trim();
  const body: Record<string, unknown> = {
    payee: { id: input.payee?.id },
    amountMinor: 'problem' in amount ? undefined : amount.amountMinor,
    currency: input.currency,
    paymentMethod: input.paymentMethod,
    description: description === '' ? undefined : description,
  };
  const parsed = payments.actions.create.params.safeParse(body);
  for (const issue of parsed.error?.issues ?? []) {
    const field = FIELD_OF[String(issue.path[0])];
    if (field) problems[field] ??= sentence(issue.message);
  }
  return parsed.success && Object.keys(problems).length === 0
    ? { body: parsed.data, problems: null }
    : { body: null, problems };
};

/** The input in another currency or locale: the amount is the same number, written in that. */
export const rewritten = (
  input: PayInput,
  to: { currency?: Currency; locale?: string },
): Partial<PayInput> => {
  const { currency, locale } = { ...input, ...to };
  return { currency, locale, amount: retypedAmount(input.amount, input, { currency, locale }) };
};

/** Beside which fields a refusal of the server belongs; `{}` when it is about the form as a whole. */
export const problemsOfRefusal = (error: unknown, locale: string): PayProblems => {
  const problems: PayProblems = {};
  for (const { code, limit } of (isProblem(error) && error.problem.errors) || []) {
    if (limit && code && code in LIMIT_TEXTS) {
      problems.amount ??= limitSentence(code as LimitCode, limit, locale);
    }
  }
  for (const [path, message] of Object.entries(fieldErrors(error))) {
    const field = FIELD_OF[path.split('.')[0] ?? ''];
    if (field) problems[field] ??= message;
  }
  if (Object.keys(problems).length > 0) return problems;
  if (hasCode(error, 'payee_unknown', 'payee_unavailable', 'pay_oneself')) {
    return { payee: error.problem.detail };
  }
  if (hasCode(error, 'amount_over_limit', 'amount_under_limit', 'amount_step')) {
    return { amount: error.problem.detail };
  }
  if (hasCode(error, 'currency_unknown', 'currency_unavailable')) return { currency: error.problem.detail };
  if (hasCode(error, 'payment_method_unknown')) return { paymentMethod: error.problem.detail };
  if (hasCode(error, 'card_number_refused')) return { description: error.problem.detail };
  return {};
};
