import * as z from 'zod/mini';

export const ROLES = ['CUSTOMER', 'VENDOR', 'ADMIN'] as const;
export const role = z.enum(ROLES);
export type Role = z.output<typeof role>;

const USER_STATUSES = ['active', 'suspended', 'deleted'] as const;
export const userStatus = z.enum(USER_STATUSES);
export type UserStatus = z.output<typeof userStatus>;
