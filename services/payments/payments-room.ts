import type * as z from 'zod/mini';
import type { Room } from '../../broker/room.ts';
import type { config } from './config.ts';
import type { Driver } from './processor/driver.ts';
import type { Processor } from './processor/client.ts';

export type PaymentsState = { processor: Processor; driver: Driver; stopForgettingKeys: () => void };
export type PaymentsRoom = Room<z.output<typeof config>, PaymentsState>;
