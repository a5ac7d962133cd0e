import { hash } from 'node:crypto';
import type { ServiceBroker } from 'moleculer';
import type { Instance } from '../process/service.ts';

type Known = { name: string; nodeID: string; metadata?: { address?: unknown } };

/**
 * The processes of a service that take connections of their own. They say so in their service's metadata,
 * which
 * travels with what Moleculer tells of a node anyway; one that is gone is forgotten with its node.
 */
export const instancesOf = ({ registry }: ServiceBroker, service: string): Instance[] =>
  (registry.getServiceList({ onlyAvailable: true }) as Known[]).flatMap(({ name, nodeID, metadata }) =>
    name === service && typeof metadata?.address === 'string'
      ? [{ nodeId: nodeID, address: metadata.address }]
      : [],
  );

/** A process's name as eight hex digits, for ids by which others find their way back to it. */
export const tagOf = (nodeId: string): string => hash('sha256', nodeId).slice(0, 8);
