import { spawnSync } from 'node:child_process';
import { createConnection, createServer, type Socket } from 'node:net';

/** A TCP proxy between two processes that can fail like a network. */
export type Proxy = {
  port: number;
  /** Drops everything silently: no FIN, no RST. @returns how it was done */
  partition(): string;
  heal(): void;
  close(): Promise<void>;
};

/** Packets to and from the proxy's port are dropped, where we are allowed to. */
const dropRules = (port: number): string[][] => [
  ['INPUT', '-i', 'lo', '-p', 'tcp', '--dport', String(port), '-j', 'DROP'],
  ['INPUT', '-i', 'lo', '-p', 'tcp', '--sport', String(port), '-j', 'DROP'],
];

const iptables = (action: '-I' | '-D', rule: string[]): boolean =>
  spawnSync('iptables', ['-w', action, ...rule], { stdio: 'ignore' }).status === 0;

type Pair = { near: Socket; far: Socket };

/** Starts a proxy from a free port of 127.0.0.1 to another port there. */
export const startProxy = async (targetPort: number): Promise<Proxy> => {
  const pairs = new Set<Pair>();
  let silent = false;
  let dropping: string[][] = [];

  const join = ({ near, far }: Pair) => {
    near.pipe(far);
    far.pipe(near);
  };
  const server = createServer((near) => {
    const far = createConnection({ host: '127.0.0.1', port: targetPort });
    const pair = { near, far };
    pairs.add(pair);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        pairs.delete(pair);
        if (!silent) other.destroy();
      });
    }
    if (!silent) join(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const heal = () => {
    for (const rule of dropping) iptables('-D', rule);
    dropping = [];
    if (!silent) return;
    silent = false;
    for (const pair of pairs) join(pair);
  };
  // The rules would outlive this process.
  process.on('exit', heal);
  return {
    port,
    partition: () => {
      dropping = dropRules(port).filter((rule) => iptables('-I', rule));
      if (dropping.length === 2) return 'dropped packets (iptables)';
      heal();
      silent = true;
      for (const { near, far } of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
      return 'a silent proxy';
    },
    heal,
    close: async () => {
      heal();
      process.off('exit', heal);
      for (const { near, far } of pairs) [near, far].forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
