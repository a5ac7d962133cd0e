import type { AuthAction } from '../auth.ts';

export const time: AuthAction<'time'> = async (service) => ({ nowMs: service.clock.nowMs() });
