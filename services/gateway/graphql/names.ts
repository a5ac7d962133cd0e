/** `payments.create` or `payments.report.periods` as a type's name: `PaymentsCreate`. */
export const typeName = (owner: string): string =>
  owner.replaceAll(/(?:^|[._-])(\w)/g, (_all, letter: string) => letter.toUpperCase());

/** An action's name as a field: `payments.create` is `paymentsCreate`. */
export const fieldName = (action: string): string =>
  typeName(action).replace(/^\w/, (letter) => letter.toLowerCase());

/**
 * A value of an enum as GraphQL can write it: `-createdAt`, a descending order, is `desc_createdAt`, `en-GB`
 * is `en_GB`, and `28` is `_28`.
 */
export const valueName = (value: string): string =>
  value
    .replace(/^-/, 'desc_')
    .replaceAll(/\W/g, '_')
    .replace(/^(?=\d)/, '_');

/** Params of lists by the names that they have in connections. */
const CONNECTION_ARGUMENTS: Readonly<Record<string, string>> = { limit: 'first', cursor: 'after' };

/** The argument of a param, and of a field's path that begins with it. */
export const argumentName = (param: string, isConnection: boolean): string =>
  (isConnection ? CONNECTION_ARGUMENTS[param] : undefined) ?? param;
