import { profile } from '../../../shared/contracts/profile.ts';
import { onRecorded } from '../audit/record.ts';

export const profileSubscribers = Object.values(profile.events).map(onRecorded);
