import { administratorRead } from '../administrator-reads.ts';
import { contract } from '../contract.ts';
import { auditActions, auditSignals } from './audit.ts';
import { deadLetterActions, deadLetterEvents } from './dead-letters.ts';
import { settingActions, settingEvents } from './settings.ts';
import { systemActions, systemSignals } from './system.ts';

export const admin = contract('admin', {
  actions: { ...auditActions, ...systemActions, ...deadLetterActions, ...settingActions },
  events: { ...deadLetterEvents, ...settingEvents, administratorRead },
  signals: { ...systemSignals, ...auditSignals },
});
