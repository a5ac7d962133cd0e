import { connect } from 'amqplib';
import type { AppError } from '../calls/errors.ts';
import { startRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { shop } from '../testing/shop-service.ts';
import { eventually } from '../testing/eventually.ts';
import { testBus, type TestBus } from '../testing/test-bus.ts';

const { echo, pay, once, hurried } = shop.actions;
let rabbit: TestRabbit;
let bus: TestBus;
beforeAll(async () => {
  // Not the shared one: this test closes its connections and stops it.
  rabbit = await startRabbit();
}, 60_000);
afterAll(() => rabbit.stop());
beforeEach(() => {
  bus = testBus(rabbit.url);
});
afterEach(() => bus.end());

const canLogIn = async (url: string): Promise<boolean> => {
  try {
    await (await connect(url, { timeout: 500 })).close();
    return true;
  } catch {
    return false;
  }
};
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: AppError) => error.code,
  );

describe('a worker that dies', () => {
  it('under load fails no keyed call and doubles none', async () => {
    const [victim] = await Promise.all([bus.spawn(), bus.spawn()]);
    const gateway = await bus.join();
    await bus.sees(gateway, 2);
    const errors: string[] = [];
    const client = async (name: number) => {
      for (let i = 0; i < 60; i++) {
        if (name === 0 && i === 20) victim?.kill('SIGKILL');
        await gateway
          .call(pay, { ms: 5 }, { idempotencyKey: `${name}-${i}` })
          .catch((error: AppError) => errors.push(error.code));
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => client(name)));
    expect(errors).toEqual([]);
    expect(bus.effects()).toHaveLength(480);
  });

  it('is noticed while a call waits for it, long before its time limit', async () => {
    const victim = await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    const calling = codeOf(gateway.call(once, { ms: 4_000 }));
    await eventually(() => bus.executions().length === 1);
    victim.kill('SIGKILL');
    // `timeout` would mean that the death went unnoticed.
    expect(await calling).toBe('unavailable');
    await bus.sees(gateway, 0);
  });

  it('by SIGTERM finishes its calls, gets no new ones, and exits by itself', async () => {
    const leaving = await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    const slow = gateway.call(once, { ms: 800 });
    await eventually(() => bus.executions().length === 1);
    await bus.spawn();
    await bus.sees(gateway, 2);
    const exit = new Promise((resolve) => leaving.once('exit', resolve));
    leaving.kill('SIGTERM');
    const answeredBy = new Set<string>();
    while (leaving.exitCode === null) answeredBy.add((await gateway.call(once, { ms: 1 })).result.by);
    const { by } = (await slow).result;
    expect(await exit).toBe(0);
    expect([...answeredBy].filter((node) => node !== by)).toHaveLength(1);
  });
});

describe('a worker that is frozen', () => {
  it('has its calls answered by another, and executes nothing late when it thaws', async () => {
    const frozen = await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    frozen.kill('SIGSTOP');
    const calling = codeOf(gateway.call(hurried, { ms: 0 }));
    expect(await calling).toBe('timeout');
    const payOnce = () => gateway.call(pay, { ms: 0 }, { idempotencyKey: 'frozen' });
    const keyed = codeOf(payOnce());
    await bus.spawn();
    // On a busy machine the start may take longer than the call's time limit.
    if ((await keyed) !== 'ok') await payOnce();
    frozen.kill('SIGCONT');
    await bus.sees(gateway, 2);
    await gateway.call(echo, { text: 'after' });
    expect(bus.effects()).toEqual(['effect-frozen']);
    // The thawed process read the hurried call after its deadline.
    expect(bus.executions().filter((line) => line !== 'frozen')).toEqual([]);
  });
});

describe('a channel or connection that closes', () => {
  it('with a slow handler in flight leaves one effect and a worker that still serves', async () => {
    const worker = await bus.serve();
    const gateway = await bus.join();
    const calling = gateway.call(pay, { ms: 600 }, { idempotencyKey: 'slow' });
    await eventually(() => bus.executions().length === 1);
    worker.breakChannel();
    await calling;
    expect(bus.effects()).toEqual(['effect-slow']);
    for (let i = 0; i < 20; i++) await gateway.call(echo, { text: 'alive' });
    const again = gateway.call(pay, { ms: 300 }, { idempotencyKey: 'caller' });
    await eventually(() => bus.executions().includes('caller'));
    gateway.breakChannel();
    await again;
    expect(bus.effects()).toHaveLength(2);
  });

  it('all connections: every keyed call succeeds, once, and both sides serve again', async () => {
    await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    const payOnce = () => gateway.call(pay, { ms: 900 }, { idempotencyKey: 'closed' });
    // A call that timed out is repeated with the same key.
    const calling = payOnce().catch(payOnce);
    await eventually(() => bus.executions().length === 1);
    await rabbit.ctl('close_all_connections', 'test');
    await calling;
    // The command ends before the last connection does; requests sent through that one are lost.
    await eventually(async () => (await codeOf(gateway.call(echo, { text: 'again' }))) === 'ok', 10_000);
    expect(bus.effects()).toEqual(['effect-closed']);
    for (let i = 0; i < 20; i++) await gateway.call(pay, { ms: 0 }, { idempotencyKey: `after-${i}` });
    expect(bus.effects()).toHaveLength(21);
  });
});

describe('a RabbitMQ', () => {
  it('that is restarted has its processes back, and calls fail fast meanwhile', async () => {
    await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    await rabbit.ctl('stop_app');
    // `timeout` would mean that the call waited for its full time limit.
    expect(await codeOf(gateway.call(echo, { text: 'x' }))).toBe('unavailable');
    // Checked with a connection of our own, because rabbitmqctl ends after the server is up.
    const starting = rabbit.ctl('start_app');
    await eventually(() => canLogIn(rabbit.url), 20_000);
    await eventually(async () => (await codeOf(gateway.call(echo, { text: 'x' }))) === 'ok', 10_000);
    await starting;
    await gateway.call(pay, { ms: 0 }, { idempotencyKey: 'again' });
    expect(bus.effects()).toHaveLength(1);
  }, 60_000);

  it('that takes no messages makes calls wait, and executes none after its deadline', async () => {
    await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    await gateway.call(echo, { text: 'known' });
    await rabbit.ctl('set_vm_memory_high_watermark', 'absolute', '1MB');
    expect(await codeOf(gateway.call(hurried, { ms: 0 }))).toBe('timeout');
    await eventually(() => gateway.amqp.blocked());
    expect(await codeOf(gateway.call(hurried, { ms: 0 }))).toBe('timeout');
    const waiting = gateway.call(pay, { ms: 0 }, { idempotencyKey: 'waited' });
    await rabbit.ctl('set_vm_memory_high_watermark', '0.4');
    await waiting;
    await gateway.call(echo, { text: 'after' });
    expect(bus.executions()).toEqual(['waited']);
  }, 60_000);
});
