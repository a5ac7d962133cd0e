import type * as z from 'zod/mini';
import type { Service } from '../../broker/process/service.ts';
import type { config } from './config.ts';
import { connectPoc2, type Connections } from './redis/connections.ts';

export type BridgeService = Service<z.output<typeof config>, Connections>;

export const bridgeState = ({ config: given, nodeId, log }: Service<z.output<typeof config>, undefined>) =>
  connectPoc2(given.POC2_BRIDGE_REDIS_URL, nodeId, log);
