import { fieldErrors, hasCode } from '../../../../../shared/client/problem.ts';
import type { ParamsOf } from '../../../../../shared/contracts/contract.ts';
import { parseAmount } from '../../../../../shared/contracts/money.ts';
import type { Currency } from '../../../../../shared/contracts/money.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import type { Party } from '../../../../../shared/contracts/payments.ts';

/** What the form holds, as typed and chosen. */
export type PayInput = {
  payee: Party | null;
  amount: string;
  currency: Currency;
  paymentMethod: string;
  description: string;
};
export type PayField = keyof PayInput;
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

/** The body to send, or what is wrong beside each field: the contract's own schema judges. */
export const checkPay = (
  input: PayInput,
): { body: PayBody; problems: null } | { body: null; problems: PayProblems } => {
  const problems: PayProblems = {};
  const amount = parseAmount(input.amount, input.currency);
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

/** Beside which fields a refusal of the server belongs; `{}` when it is about the form as a whole. */
export const problemsOfRefusal = (error: unknown): PayProblems => {
  const problems: PayProblems = {};
  for (const [path, message] of Object.entries(fieldErrors(error))) {
    const field = FIELD_OF[path.split('.')[0] ?? ''];
    if (field) problems[field] ??= message;
  }
  if (Object.keys(problems).length > 0) return problems;
  if (hasCode(error, 'payee_unknown', 'payee_unavailable', 'pay_oneself')) {
    return { payee: error.problem.detail };
  }
  if (hasCode(error, 'amount_over_limit')) return { amount: error.problem.detail };
  if (hasCode(error, 'currency_unknown')) return { currency: error.problem.detail };
  if (hasCode(error, 'payment_method_unknown')) return { paymentMethod: error.problem.detail };
  if (hasCode(error, 'card_number_refused')) return { description: error.problem.detail };
  return {};
};
