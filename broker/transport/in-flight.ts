/** A request without an answer; times are of `performance.now()`. */
type Flight = { service: string; nodeId: string; startedMs: number; endMs: number };

export type InFlight = {
  add(id: string, flight: Flight): void;
  remove(id: string): void;
  get(id: string): Flight | undefined;
  /** How many requests are in flight to a service, or to one of its processes. */
  ofService(service: string): number;
  ofNode(nodeId: string): number;
  /** The services that were called, and how many requests to each are in flight. */
  services(): Iterable<[string, number]>;
  /** All requests with their ids. */
  all(): Iterable<[string, Flight]>;
};

/** The service of an action. */
export const serviceOf = (action: string): string => action.slice(0, action.lastIndexOf('.'));

const change = (counts: Map<string, number>, key: string, by: 1 | -1): number => {
  const count = (counts.get(key) ?? 0) + by;
  counts.set(key, count);
  return count;
};

/** Tracks the requests of this process. */
export const inFlight = (): InFlight => {
  const flights = new Map<string, Flight>();
  const services = new Map<string, number>();
  const nodes = new Map<string, number>();
  return {
    add: (id, flight) => {
      flights.set(id, flight);
      change(services, flight.service, 1);
      change(nodes, flight.nodeId, 1);
    },
    remove: (id) => {
      const flight = flights.get(id);
      if (!flight) return;
      flights.delete(id);
      change(services, flight.service, -1);
      // A node has a new id at each start.
      if (change(nodes, flight.nodeId, -1) === 0) nodes.delete(flight.nodeId);
    },
    get: (id) => flights.get(id),
    ofService: (service) => services.get(service) ?? 0,
    ofNode: (nodeId) => nodes.get(nodeId) ?? 0,
    services: () => services.entries(),
    all: () => flights.entries(),
  };
};
