import * as z from 'zod/mini';
import { number } from '../../broker/process/config.ts';
import { SCHEMES, type Scheme } from './domain/channels.ts';

const error = `must name ${SCHEMES.join(' or ')}, or both with a comma between them`;

const schemes = z.pipe(
  z._default(z.string(), ''),
  z.pipe(
    z.transform((text: string) => (text || SCHEMES[0]).split(',').map((name) => name.trim() as Scheme)),
    z
      .array(z.enum(SCHEMES, { error }))
      .check(z.refine((names) => new Set(names).size === names.length, { error })),
  ),
);

export const config = z.object({
  /** The Redis of POC-2; the service is off without it. */
  POC2_BRIDGE_REDIS_URL: z
    .string({ error: 'must be set' })
    .check(z.regex(/^rediss?:\/\/[^\s/]+\S*$/, { error: 'must be a redis:// or rediss:// address' })),
  /** By which names POC-2 is sent our events; a listener to both would get each of both schemes twice. */
  POC2_BRIDGE_SCHEMES: schemes,
  POC2_BRIDGE_POOL_SIZE: number(10, 3, 100),
});
