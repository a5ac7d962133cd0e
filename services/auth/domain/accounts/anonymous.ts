/** The name of every closed account. */
export const ANONYMOUS_NAME = 'Closed account';

/**
 * The address of a closed account, at a domain that cannot exist (RFC 2606, 2). It is not made of the user's
 * id: another person could have registered it before.
 * @param random 32 hex digits
 */
export const anonymousEmail = (random: string): string => `closed-${random}@closed.invalid`;
