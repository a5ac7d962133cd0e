import { admin } from '../../../shared/contracts/admin/admin.ts';
import { onRecorded } from '../audit/record.ts';

export const adminSubscribers = Object.values(admin.events).map(onRecorded);
