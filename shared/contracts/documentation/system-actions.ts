import { admin } from '../admin/admin.ts';
import { analytics } from '../analytics.ts';
import type { Action } from '../contract.ts';

/** What administrators see and do beside users, with what the summaries do not say. */
export const SYSTEM_ACTIONS: readonly (readonly [action: Action, text: string])[] = [
  [
    admin.actions.auditEntries,
    'All filters must match. An entry appears some moments after the act, and none is ever changed or ' +
      'deleted.',
  ],
  [
    admin.actions.exportAuditCsv,
    'All entries that the filters find, newest first. Text that a spreadsheet would take as a formula ' +
      'has an apostrophe before it.',
  ],
  [
    admin.actions.exportAuditJson,
    'All entries that the filters find, in parts with signatures: `npm run audit -- verify FILE` names ' +
      'what was changed, removed, inserted or moved.',
  ],
  [admin.actions.system, 'As seen within the last seconds; every process is asked each second.'],
  [admin.actions.systemHistory, 'Kept for an hour.'],
  [
    analytics.actions.experience,
    'Measured by the browsers of users who agreed to it, and kept as figures of days only. Quantiles ' +
      'are estimated from histograms.',
  ],
  [analytics.actions.experienceByDay, 'Days without a figure are included.'],
  [analytics.actions.remoteExperience, 'At most twenty versions of a day are kept apart.'],
  [
    admin.actions.deadLetters,
    'At most the thousand oldest of each service. Those of a service without a process that answers ' +
      'are missing: see `services`.',
  ],
  [admin.actions.deadLetter, 'Values whose name says that they are secret are left out.'],
  [
    admin.actions.replayDeadLetters,
    'Only the service that failed gets them again, with all attempts renewed; what it has handled ' +
      'since has no second effect. `preview` only says what would be replayed.',
  ],
  [
    admin.actions.discardDeadLetters,
    'Cannot be undone: the service never handles these events. `preview` only says what would be ' +
      'deleted.',
  ],
  [admin.actions.settings, 'What is stopped, the largest amounts, and who changed each of them last.'],
  [
    admin.actions.settingChanges,
    'Every change with who, when, why, the value before and after, and the approval if there was one.',
  ],
  [
    admin.actions.changeSetting,
    'To stop or to lower takes effect at once. To start again or to raise a limit weighs as much as a ' +
      'new administrator: where there is another one, the answer is `approval_needed` and the request ' +
      'waits. Send the `version` that you read. When it has changed since, the answer is 409 with the ' +
      'present value. Services obey within two seconds.',
  ],
  [admin.actions.deadLetterRuns, 'An order that makes no progress for a minute has ended.'],
];
