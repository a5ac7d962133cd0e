import type { AdminAction } from '../../admin.ts';

export const publicSettings: AdminAction<'publicSettings'> = ({ state }) => state.publicSettings();
