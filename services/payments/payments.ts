import type * as z from 'zod/mini';
import type { Service } from '../../broker/process/service.ts';
import type { config } from './config.ts';
import type { Driver } from './processor/driver.ts';
import type { Processor } from './processor/client.ts';

export type PaymentsState = { processor: Processor; driver: Driver; stopPurgingKeys: () => void };
export type PaymentsService = Service<z.output<typeof config>, PaymentsState>;
