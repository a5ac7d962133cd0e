import * as z from 'zod/mini';
import { newPassword } from '../../../../shared/contracts/auth/fields.ts';

// The content security policy forbids the code that zod would otherwise generate.
z.config({ jitless: true });

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What is wrong with each field by the contract's own schema, as sentences; `{}` when all is well. */
export const problemsOf = (
  schema: z.ZodMiniType,
  values: Readonly<Record<string, string>>,
): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const { path, message } of schema.safeParse(values).error?.issues ?? []) {
    const field = path.join('.');
    found[field] ??= values[field] === '' ? 'Fill this in.' : sentence(message);
  }
  return found;
};

const brokenBy = (password: string): string[] =>
  newPassword.safeParse(password).error?.issues.map(({ message }) => message) ?? [];

// An empty password breaks every rule but the longest length, which says itself when it is reached.
const RULES = brokenBy('');

/** The contract's rules for a new password, each with whether this one meets it. */
export const passwordRules = (password: string): { text: string; met: boolean }[] => {
  const broken = new Set(brokenBy(password));
  return RULES.map((rule) => ({
    text: sentence(rule.replace(/^must (have|contain) /, '')).slice(0, -1),
    met: !broken.has(rule),
  }));
};
