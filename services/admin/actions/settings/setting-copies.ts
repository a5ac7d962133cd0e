import type { AdminAction } from '../../admin.ts';
import { readCopies } from '../../persistence/settings.ts';

export const settingCopies: AdminAction<'settingCopies'> = async ({ db }, { params }) => ({
  items: await readCopies(db, params),
});
