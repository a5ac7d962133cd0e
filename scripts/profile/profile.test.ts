import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { frameTree, hottest, type CpuProfile } from './cpu-profile.ts';
import { flameGraph } from './flame-graph.ts';
import { inspect } from './inspector.ts';

const root = dirname(dirname(import.meta.dirname));

const frame = (functionName: string, path: string) => ({
  functionName,
  url: path && `file://${root}/${path}`,
  lineNumber: 9,
});

const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)', ''), children: [2, 3] },
    { id: 2, callFrame: frame('(idle)', '') },
    { id: 3, callFrame: frame('create', 'services/payments/actions/create.ts'), children: [4] },
    { id: 4, callFrame: frame('query<T>', 'node_modules/pg/lib/client.js') },
  ],
  samples: [2, 3, 4, 4],
  timeDeltas: [5_000, 100, 200, 300],
};

it('a profile becomes a tree without idle time, and functions in the order of their own time', () => {
  const tree = frameTree(PROFILE, root);
  expect(tree).toMatchObject({ selfUs: 0, totalUs: 600 });
  expect(hottest(tree, 2)).toEqual([
    { name: 'query<T>', place: 'pg/lib/client.js:10', selfUs: 500 },
    { name: 'create', place: 'services/payments/actions/create.ts:10', selfUs: 100 },
  ]);
  const svg = flameGraph(tree, 'payments-1');
  expect(svg).toContain('query&lt;T&gt; pg/lib/client.js:10\n83.3 %, of its own 83.3 %');
  expect(svg).not.toContain('idle');
});

it('a running process is inspected, and works on without its inspector', async () => {
  const code = `const big = Array(50_000).fill('text'); const work = () => JSON.stringify(big);
    setInterval(work, 1); process.stdout.write('ready');`;
  const child = spawn(process.execPath, ['-e', code]);
  try {
    await once(child.stdout, 'data');
    const inspector = await inspect(child.pid!);
    await inspector.send('Profiler.enable');
    await inspector.send('Profiler.start');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { profile } = await inspector.send<{ profile: CpuProfile }>('Profiler.stop');
    await expect(inspector.send('Profiler.unknown')).rejects.toThrow("'Profiler.unknown' wasn't found");
    await inspector.close();
    expect(hottest(frameTree(profile, root), 1)).toMatchObject([{ name: 'work' }]);
    await expect(fetch('http://127.0.0.1:9229/json/list')).rejects.toThrow('fetch failed');
    expect(child.exitCode).toBeNull();
  } finally {
    child.kill('SIGKILL');
  }
});
