import { auditLogs } from './audit-logs.ts';
import { payments } from './payments.ts';
import { refreshTokens } from './refresh-tokens.ts';
import { systemConfig } from './system-config.ts';
import type { MappingOptions, TableMapping } from './table-mapping.ts';
import { userProfiles } from './user-profiles.ts';
import { users } from './users.ts';

/** The source's tables, in an order in which references hold. */
export const MAPPINGS: readonly TableMapping[] = [
  users,
  userProfiles,
  refreshTokens,
  systemConfig,
  payments,
  auditLogs,
];

/** Nothing is guessed. */
export const NO_OPTIONS: MappingOptions = {
  open: null,
  equalEmails: null,
  fractions: null,
  negative: null,
  noRecipient: null,
  future: null,
  long: null,
  unusable: null,
  config: null,
  configValues: [],
  currencies: {},
  settings: {},
};
