import type { AnyServiceDefinition } from './service.ts';

/**
 * The ports of one running instance lie above its own. Offsets of services stand in their definitions
 * (`portOffset`).
 */
export const PORT_OFFSETS = { metrics: 90, postgres: 92, vite: 93 } as const;

export const DEFAULT_PORT = 3000;

/**
 * Finds the port on which a service listens for connections of its own.
 * @throws Error when no such service is among the definitions, or it has no `portOffset`
 */
export const portsAbove =
  (port: number, definitions: readonly AnyServiceDefinition[]) =>
  (service: string): number => {
    const offset = definitions.find(({ contract }) => contract.service === service)?.portOffset;
    if (offset === undefined) throw new Error(`service ${service} has no portOffset`);
    return port + offset;
  };
