import { hash } from 'node:crypto';
import type { ServiceBroker } from 'moleculer';
import type { Instance } from '../process/service.ts';

type Known = { name: string; nodeID: string; metadata?: { address?: unknown } };

/**
 * The processes of a service that accept connections of their own. Each publishes its address in its
 * service's metadata, which Moleculer distributes with the node; a node that is gone is no longer listed.
 */
export const instancesOf = ({ registry }: ServiceBroker, service: string): Instance[] =>
  (registry.getServiceList({ onlyAvailable: true }) as Known[]).flatMap(({ name, nodeID, metadata }) =>
    name === service && typeof metadata?.address === 'string'
      ? [{ nodeId: nodeID, address: metadata.address }]
      : [],
  );

/** A node's id as eight hex digits, for ids that lead back to the node. */
export const tagOf = (nodeId: string): string => hash('sha256', nodeId).slice(0, 8);
