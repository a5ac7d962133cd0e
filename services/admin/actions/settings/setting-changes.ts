import type { AdminAction } from '../../admin.ts';
import { listChanges } from '../../persistence/settings.ts';

export const settingChanges: AdminAction<'settingChanges'> = ({ db }, { params }) => listChanges(db, params);
