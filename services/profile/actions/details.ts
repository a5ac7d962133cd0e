import { callerOf } from '../../../broker/calls/implement.ts';
import { NO_DETAILS } from '../domain/details.ts';
import { findDetails } from '../persistence/details.ts';
import type { ProfileAction } from '../profile.ts';

export const details: ProfileAction<'details'> = async (service, call) =>
  (await findDetails(service.db, callerOf(call).userId)) ?? NO_DETAILS;
