import { Gauge } from 'prom-client';

type Probe = () => Promise<void>;

const watched = new Set<ReadonlyMap<string, Probe>>();

new Gauge({
  name: 'payloom_proxy_upstream_up',
  help: 'Whether the upstream of a proxy route answers HTTP (1) or not (0), by the prefix of the route',
  labelNames: ['prefix'],
  async collect() {
    this.reset();
    const probes = [...watched].flatMap((all) => [...all]);
    const isUp = (probe: Probe) =>
      probe().then(
        () => 1,
        () => 0,
      );
    await Promise.all(probes.map(async ([prefix, probe]) => this.set({ prefix }, await isUp(probe))));
  },
});

/** Exports the health of upstreams, by prefix, when metrics are read. Returns a function that ends it. */
export const watchUpstreams = (probes: ReadonlyMap<string, Probe>): (() => void) => {
  watched.add(probes);
  return () => void watched.delete(probes);
};
