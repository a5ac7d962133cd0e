import type { ServiceBroker } from 'moleculer';
import type { Place } from './room.ts';

type Known = { name: string; nodeID: string; metadata?: { address?: unknown } };

/**
 * The processes of a room that take connections of their own. They say so in their service's metadata, which
 * travels with what Moleculer tells of a node anyway; one that is gone is forgotten with its node.
 */
export const placesOf = ({ registry }: ServiceBroker, room: string): Place[] =>
  (registry.getServiceList({ onlyAvailable: true }) as Known[]).flatMap(({ name, nodeID, metadata }) =>
    name === room && typeof metadata?.address === 'string'
      ? [{ nodeId: nodeID, address: metadata.address }]
      : [],
  );
