import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { refusalOf } from './repl-input.ts';

describe('a line of the REPL', () => {
  it.each([
    `call payments.create '{"a":1}' --meta '{"userId":"usr_1"}'`,
    `call payments.create '{"a":1}' --#userId usr_1`,
    `call payments.create {"a":1} --#userId=usr_1`,
    `call payments.create --#userId usr_1 '{"a":1}'`,
    `dcall node-1 payments.create '{}' '{}' --#key K`,
  ])('is refused when moleculer-repl would ignore a part of it: %s', (line) => {
    expect(refusalOf(line)).toMatch(/^Not called: --(meta|#userId\S*|#key) is not understood beside/);
  });

  it.each([
    'call payments.create --amount 5 --#userId usr_1',
    `call payments.create --metadata '{"order":"1"}' --#userId usr_1`,
    `call payments.create '{"a":1}' '{"userId":"usr_1"}'`,
    `call payments.create '{"note":"a --b"}' --save answer.json`,
    'jobs',
    'replay payments --dry-run',
  ])('is run otherwise: %s', (line) => {
    expect(refusalOf(line)).toBeNull();
  });
});

/** A REPL on a broker with one action, which answers after a while; says what it is asked to do. */
const SCRIPT = (folder: string) => `
  const { ServiceBroker } = await import('moleculer');
  const { openRepl } = await import(${JSON.stringify(`${folder}/repl.ts`)});
  const broker = new ServiceBroker({ logger: false, nodeID: 'test' });
  const run = async ({ params }) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log('ran', params.n);
    return 'ok';
  };
  broker.createService({ name: 'slow', actions: { run } });
  await broker.start();
  const origin = { keys: () => Buffer.alloc(32), clock: { nowMs: () => Date.now() } };
  const end = async () => console.log('stopped');
  openRepl({ broker, origin }, end, [], () => { console.log('input has ended'); process.exit(0); });`;

it('at the end of its input runs all lines in order, and does not stop the broker', async () => {
  const args = ['--input-type=module', '-e', SCRIPT(new URL('.', import.meta.url).href)];
  const env = { PATH: process.env['PATH'], HOME: join(import.meta.dirname, 'no-home') };
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(`call slow.run --n 1\ncall slow.run '{"n":2}'\n`);
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(output.match(/ran \d|input has ended|stopped/g)).toEqual(['ran 1', 'ran 2', 'input has ended']);
  expect(code).toBe(0);
});
