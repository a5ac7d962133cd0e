/** The reader's own payments, and the payments of all users for administrators. */
export const [OWN, ALL] = ['/payments', '/admin/payments'] as const;
export type ListAddress = typeof OWN | typeof ALL;
