import type { AnyServiceDefinition } from './service.ts';

/**
 * The ports of one running instance lie above its own. Services define their own offsets
 * (`portOffset`).
 */
export const PORT_OFFSETS = { metrics: 90, postgres: 92, vite: 93 } as const;

export const DEFAULT_PORT = 3000;

/** An instance takes the hundred ports from its own on. */
export const PORT_MAX = 65_535 - 99;

/**
 * The port on which a service listens for connections of its own.
 * @throws Error when the service is not among the definitions or has no `portOffset`
 */
export const portsAbove =
  (port: number, definitions: readonly AnyServiceDefinition[]) =>
  (service: string): number => {
    const offset = definitions.find(({ contract }) => contract.service === service)?.portOffset;
    if (offset === undefined) throw new Error(`service ${service} has no portOffset`);
    return port + offset;
  };
