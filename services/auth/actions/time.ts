import type { AuthAction } from '../room.ts';

export const time: AuthAction<'time'> = async (room) => ({ nowMs: room.clock.nowMs() });
