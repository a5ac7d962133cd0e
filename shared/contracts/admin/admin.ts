import { contract } from '../contract.ts';
import { auditActions } from './audit.ts';

export const admin = contract('admin', {
  actions: { ...auditActions },
  events: {},
});
