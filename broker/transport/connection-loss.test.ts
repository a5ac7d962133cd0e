import { setTimeout as after } from 'node:timers/promises';
import { connect } from 'amqplib';
import type { AppError } from '../calls/errors.ts';
import { startRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { shop } from '../testing/shop-service.ts';
import { eventually } from '../testing/start-services.ts';
import { testBus, type TestBus } from '../testing/test-bus.ts';

const { echo, pay, once, hurried } = shop.actions;
let rabbit: TestRabbit;
let bus: TestBus;
beforeAll(async () => {
  // Not the shared one: its connections are closed here, and itself is stopped.
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
  it('under load costs no keyed call and doubles none', async () => {
    const [victim] = await Promise.all([bus.spawn(), bus.spawn()]);
    const gateway = await bus.join();
    await bus.sees(gateway, 2);
    let failed = 0;
    const errors: string[] = [];
    const pauses: number[] = [];
    const client = async (name: number) => {
      for (let i = 0; i < 60; i++) {
        if (name === 0 && i === 20) victim?.kill('SIGKILL');
        const startedMs = performance.now();
        await gateway.call(pay, { ms: 5 }, { idempotencyKey: `${name}-${i}` }).catch((error: AppError) => {
          failed += 1;
          errors.push(error.code);
        });
        pauses.push(performance.now() - startedMs);
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => client(name)));
    console.log(
      `killed worker: ${failed} of 480 failed, the slowest call took ${Math.max(...pauses) | 0} ms`,
    );
    expect(errors).toEqual([]);
    expect(bus.effects()).toHaveLength(480);
    expect(Math.max(...pauses)).toBeLessThan(1_000);
  });

  it('is noticed within 300 ms while a call waits for it', async () => {
    const victim = await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    const calling = codeOf(gateway.call(once, { ms: 4_000 }));
    await eventually(() => bus.executions().length === 1);
    await after(150);
    const startedMs = performance.now();
    victim.kill('SIGKILL');
    expect(await calling).toBe('unavailable');
    console.log(`a dead worker was noticed after ${(performance.now() - startedMs) | 0} ms`);
    expect(performance.now() - startedMs).toBeLessThan(300);
    await bus.sees(gateway, 0);
  });

  it('by SIGTERM finishes what it has, gets nothing new, and exits by itself', async () => {
    const leaving = await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    const slow = gateway.call(once, { ms: 800 });
    await eventually(() => bus.executions().length === 1);
    await bus.spawn();
    await bus.sees(gateway, 2);
    const startedMs = performance.now();
    const exit = new Promise((resolve) => leaving.once('exit', resolve));
    leaving.kill('SIGTERM');
    let calls = 0;
    while (leaving.exitCode === null) {
      await gateway.call(once, { ms: 1 });
      calls += 1;
    }
    expect((await slow).result.by).toMatch(/^shop-/);
    expect(await exit).toBe(0);
    expect(calls).toBeGreaterThan(10);
    console.log(
      `SIGTERM: ${calls} calls meanwhile, none failed; gone after ${(performance.now() - startedMs) | 0} ms`,
    );
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
    const keyed = gateway.call(pay, { ms: 0 }, { idempotencyKey: 'frozen' });
    await bus.spawn();
    const startedMs = performance.now();
    await keyed;
    console.log(
      `frozen worker: its call was answered by another after ${(performance.now() - startedMs) | 0} ms`,
    );
    frozen.kill('SIGCONT');
    await bus.sees(gateway, 2);
    await gateway.call(echo, { text: 'after' });
    expect(bus.effects()).toEqual(['effect-frozen']);
    // The hurried one came out of its socket past its deadline.
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

  it('all connections: every keyed call ends well, once, and both sides serve again', async () => {
    await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    const payOnce = () => gateway.call(pay, { ms: 900 }, { idempotencyKey: 'closed' });
    // Who is told that it took too long asks again with the same key.
    const calling = payOnce().catch(payOnce);
    await eventually(() => bus.executions().length === 1);
    await rabbit.ctl('close_all_connections', 'test');
    const closedMs = performance.now();
    await calling;
    // The command ends before the last connection does, and takes along what was asked through it just then.
    await eventually(async () => (await codeOf(gateway.call(echo, { text: 'again' }))) === 'ok', 10_000);
    console.log(
      `all connections closed: calls work ${(performance.now() - closedMs) | 0} ms after rabbitmqctl ended`,
    );
    expect(bus.effects()).toEqual(['effect-closed']);
    for (let i = 0; i < 20; i++) await gateway.call(pay, { ms: 0 }, { idempotencyKey: `after-${i}` });
    expect(bus.effects()).toHaveLength(21);
  });
});

describe('a RabbitMQ', () => {
  it('that is stopped and started has its processes back, and nobody hangs meanwhile', async () => {
    await bus.spawn();
    const gateway = await bus.join();
    await bus.sees(gateway, 1);
    await rabbit.ctl('stop_app');
    let startedMs = performance.now();
    expect(await codeOf(gateway.call(echo, { text: 'x' }))).toBe('unavailable');
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    // Told by a bare connection of our own, for rabbitmqctl ends later than the server is up.
    const starting = rabbit.ctl('start_app');
    await eventually(() => canLogIn(rabbit.url), 20_000);
    startedMs = performance.now();
    await eventually(async () => (await codeOf(gateway.call(echo, { text: 'x' }))) === 'ok', 10_000);
    console.log(
      `RabbitMQ restarted: calls work ${(performance.now() - startedMs) | 0} ms after its first login`,
    );
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
