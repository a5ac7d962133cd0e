import type * as z from 'zod/mini';
import type { Service } from '../../broker/process/service.ts';
import type { config } from './config.ts';
import type { Processor } from './processor/client.ts';

export type PaymentsState = { processor: Processor };
export type PaymentsService = Service<z.output<typeof config>, PaymentsState>;
