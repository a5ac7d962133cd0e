import * as z from 'zod/mini';
import { number } from '../../broker/process/config.ts';

const settings = z.object({
  NODE_ENV: z._default(z.string(), 'development'),
  HOST: z._default(z.string(), '127.0.0.1'),
  /** The port of the sockets, to which only gateways connect. */
  REALTIME_PORT: number(0, 1, 65_535),
  /** The address at which gateways reach this process; required where HOST is not one. */
  REALTIME_ADDRESS: z._default(
    z.string().check(
      z.regex(/^(http:\/\/[^\s/?#]+\/?)?$/, {
        error: 'must be an http address such as http://10.0.0.7:3094',
      }),
    ),
    '',
  ),
  REALTIME_POOL_SIZE: number(10, 2, 200),
  /** The most sockets that one address may have open at this process. */
  REALTIME_SOCKETS_PER_ADDRESS: number(200, 1),
  DRAIN_MS: number(2_000, 0, 5_000),
});

const ALL_INTERFACES = ['0.0.0.0', '::', ''];

/** `address` is `http://host:port`, as published in the service's metadata. */
export const config = z.pipe(
  settings,
  z.transform((given, context) => {
    const { HOST, REALTIME_PORT, REALTIME_ADDRESS, NODE_ENV } = given;
    const listensOnAll = ALL_INTERFACES.includes(HOST);
    if (listensOnAll && !REALTIME_ADDRESS && NODE_ENV === 'production') {
      const message = 'must be set when HOST is all interfaces: gateways need an address of this process';
      context.issues.push({ code: 'custom', path: ['REALTIME_ADDRESS'], message, input: REALTIME_ADDRESS });
      return z.NEVER;
    }
    const host = listensOnAll ? '127.0.0.1' : HOST;
    const own = `http://${host.includes(':') ? `[${host}]` : host}:${REALTIME_PORT}`;
    return {
      host: HOST,
      port: REALTIME_PORT,
      address: REALTIME_ADDRESS ? new URL(REALTIME_ADDRESS).origin : own,
      poolSize: given.REALTIME_POOL_SIZE,
      drainMs: given.DRAIN_MS,
      socketsPerAddress: given.REALTIME_SOCKETS_PER_ADDRESS,
    };
  }),
);
export type RealtimeConfig = z.output<typeof config>;
