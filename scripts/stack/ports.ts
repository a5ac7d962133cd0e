import { PORT_OFFSETS } from '../../broker/process/ports.ts';

/** Ports above a stack's base port. 90 and up belong to the embedded instance. */
const OFFSETS = {
  edge: 10,
  epmd: 11,
  rabbitmq: 12,
  distribution: 15,
  postgres: 18,
  redis: 19,
  sandbox: 20,
  realtime: 20,
  plain: 78,
  prometheus: 79,
} as const;
const METRICS = { from: 30, to: 77 } as const;
const CONTROL = { from: 80, to: PORT_OFFSETS.metrics - 1 } as const;

export const DEFAULT_BASE = 3000;
export const GATEWAYS_MAX = 9;
export const REALTIME_MAX = 9;
/** A stack takes this many ports from its base on. */
export const PORTS_OF_A_STACK = 100;

export type Ports = {
  /** Where nginx listens for HTTPS. */
  edge: number;
  /** Where nginx leads plain HTTP to HTTPS. */
  plain: number;
  prometheus: number;
  gateway(replica: number): number;
  rabbitmq(broker: number): number;
  /** Where the nodes of RabbitMQ connect to each other. */
  distribution(broker: number): number;
  epmd: number;
  postgres: number;
  redis: number;
  sandbox: number;
  /** Where the processes of the realtime service take the sockets that gateways pass on. */
  realtime(replica: number): number;
  metrics: { from: number; to: number };
  /** Where rabbitmqctl may listen while it runs. */
  control: { from: number; to: number };
};

export const portsOf = (base: number): Ports => ({
  edge: base + OFFSETS.edge,
  plain: base + OFFSETS.plain,
  prometheus: base + OFFSETS.prometheus,
  gateway: (replica) => base + replica,
  rabbitmq: (broker) => base + OFFSETS.rabbitmq + broker - 1,
  distribution: (broker) => base + OFFSETS.distribution + broker - 1,
  epmd: base + OFFSETS.epmd,
  postgres: base + OFFSETS.postgres,
  redis: base + OFFSETS.redis,
  sandbox: base + OFFSETS.sandbox,
  realtime: (replica) => base + OFFSETS.realtime + replica,
  metrics: { from: base + METRICS.from, to: base + METRICS.to },
  control: { from: base + CONTROL.from, to: base + CONTROL.to },
});
