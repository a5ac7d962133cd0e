import { connect } from 'amqplib';
import { seal, type Envelope } from '../calls/envelope.ts';
import type { AppError } from '../calls/errors.ts';
import { eventually } from '../testing/eventually.ts';
import { throwAwayRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { shop } from '../testing/shop-service.ts';
import { newKey, testBus, type TestBus } from '../testing/test-bus.ts';

const { echo, read, pay, once, fail, refuse, crash } = shop.actions;
let rabbit: TestRabbit;
let bus: TestBus;
beforeAll(async () => {
  rabbit = await throwAwayRabbit();
}, 60_000);
beforeEach(() => {
  bus = testBus(rabbit.url);
});
afterEach(() => bus.end());

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: AppError) => error.code,
  );

describe('a call between two processes', () => {
  it('delivers the params and returns the result', async () => {
    const worker = await bus.serve();
    const gateway = await bus.join();
    const { result, replayed } = await gateway.call(echo, { text: 'ä→"\n' });
    expect(result).toEqual({ text: 'ä→"\n', by: worker.broker.nodeID });
    expect(replayed).toBe(false);
    await gateway.call(pay, { ms: 0 }, { idempotencyKey: 'twice' });
    expect((await gateway.call(pay, { ms: 0 }, { idempotencyKey: 'twice' })).replayed).toBe(true);
  });

  it('keeps the code and data of our errors, and hides other errors', async () => {
    await bus.serve();
    const gateway = await bus.join();
    await expect(gateway.call(fail, {})).rejects.toMatchObject({
      name: 'AppError',
      code: 'payee_unknown',
      data: { errors: [{ path: 'payee', message: 'is unknown' }] },
    });
    const error = await gateway.call(crash, {}).catch((thrown: AppError) => thrown);
    expect(error).toMatchObject({ code: 'internal', data: {} });
    expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain('internal details');
    await expect(gateway.call(echo, { text: 1 } as never)).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [expect.objectContaining({ path: 'text' })] },
    });
  });

  it('is refused with a forged envelope, one under another key, or one of another call', async () => {
    await bus.serve();
    const gateway = await bus.join();
    await gateway.call(echo, { text: 'known' });
    const envelope: Envelope = {
      to: 'shop.echo',
      from: 'gateway',
      caller: null,
      requestId: 'r',
      deadlineAtMs: Date.now() + 5_000,
      idempotencyKey: null,
      address: null,
      userAgent: null,
    };
    const wire = JSON.parse(JSON.stringify(seal(envelope, gateway.origin.keys, { text: 'mine' }))) as object;
    const put = (params: object, call: unknown) =>
      codeOf(gateway.broker.call('shop.echo', params, { meta: { call } }) as Promise<unknown>);
    expect(await put({ text: 'mine' }, wire)).toBe('ok');
    expect(await put({ text: 'other' }, wire)).toBe('forbidden');
    expect(await put({ text: 'mine' }, { ...envelope })).toBe('forbidden');
    expect(await put({ text: 'mine' }, undefined)).toBe('forbidden');
    const stranger = await bus.join({ key: newKey() });
    expect(await codeOf(stranger.call(echo, { text: 'x' }))).toBe('forbidden');
  });

  it('is not retried when a handler has answered', async () => {
    await bus.serve();
    const gateway = await bus.join();
    await expect(gateway.call(refuse, {})).rejects.toMatchObject({
      code: 'unavailable',
      data: { retryAfterS: 7 },
    });
    expect(bus.executions()).toEqual(['refuse']);
  });

  it('waits for a service that starts, and is refused as unavailable when none does', async () => {
    const gateway = await bus.join();
    const calling = gateway.call(echo, { text: 'early' });
    const worker = await bus.serve();
    expect((await calling).result.text).toBe('early');
    await worker.stop();
    await bus.sees(gateway, 0);
    // Not `timeout`: the wait for a process is shorter than the action's own time limit.
    await expect(gateway.call(echo, { text: 'x' })).rejects.toMatchObject({
      code: 'unavailable',
      data: { retryAfterS: 1 },
    });
  });

  it('is refused with Retry-After while too many are in flight', async () => {
    await bus.serve();
    const gateway = await bus.join({ transport: { callsInFlightMax: 5 } });
    await gateway.call(echo, { text: 'known' });
    let ended = 0;
    const slow = Array.from({ length: 5 }, () => gateway.call(read, { ms: 400 }).finally(() => (ended += 1)));
    await expect(gateway.call(read, { ms: 0 })).rejects.toMatchObject({
      code: 'unavailable',
      data: { retryAfterS: 1 },
    });
    // It did not wait for one of them.
    expect(ended).toBe(0);
    await Promise.all(slow);
    expect(await codeOf(gateway.call(read, { ms: 0 }))).toBe('ok');
  });
});

describe('the broker’s users', () => {
  it('need no more permissions than their service’s own names', async () => {
    const logins = await Promise.all(
      ['shop', 'gateway'].map(async (service) => {
        const names = `^(MOL\\.[A-Z]+(\\.${service}-.*)?|events|events\\.${service}(\\..*)?)$`;
        await rabbit.addUsers({ [service]: [names, `${names}|^amq\\.default$`, names] });
        return rabbit.urlOf(service);
      }),
    );
    await bus.serve({ url: logins[0] });
    const gateway = await bus.join({ url: logins[1] });
    expect((await gateway.call(echo, { text: 'x' })).result.text).toBe('x');
    expect(await codeOf(gateway.call(fail, {}))).toBe('payee_unknown');
  });

  it('cannot impersonate a service or its processes', async () => {
    const worker = await bus.serve();
    const gateway = await bus.join();
    await gateway.call(echo, { text: 'known' });
    const login = `mallory${process.pid}`;
    await rabbit.addUsers({ [login]: ['.*', '.*', '.*'] });
    const model = await connect(rabbit.urlOf(login));
    const channel = await model.createChannel();
    const packet = { ver: '5', sender: worker.broker.nodeID };
    channel.publish('MOL.DISCONNECT', '', Buffer.from(JSON.stringify(packet)), { userId: login });
    channel.publish('MOL.DISCONNECT', '', Buffer.from(JSON.stringify(packet)));
    const info = {
      ...packet,
      sender: `${login}-1-aaaaaa`,
      services: [{ name: 'shop', actions: {} }],
      seq: 9,
    };
    channel.publish('MOL.INFO', '', Buffer.from(JSON.stringify(info)), { userId: login });
    channel.publish('', `MOL.REQ.${worker.broker.nodeID}`, Buffer.from('{nonsense'), { userId: login });
    await channel.close();
    await model.close();
    for (let i = 0; i < 20; i++) await gateway.call(once, { ms: 1 });
    expect(bus.shopsSeenBy(gateway)).toBe(1);
  });

  it('cannot send the signals of another service, nor events that are no signals', async () => {
    const gateway = await bus.join();
    const received: unknown[] = [];
    const take = { handler: ({ params }: { params: unknown }) => void received.push(params) };
    gateway.broker.createService({
      name: 'taker',
      events: { 'signal.till.closed': take, 'till.closed': take },
    });
    gateway.broker.localBus.on('$till.closed', (params: unknown) => void received.push(params));
    const send = async (user: string, event: string) => {
      const url = rabbit.urlOf(user);
      const model = await connect(url);
      const channel = await model.createConfirmChannel();
      const data = `${event} from ${user}`;
      const packet = {
        ver: '5',
        sender: `${user}-1-aaaaaa`,
        id: data,
        event,
        data,
        broadcast: true,
        meta: {},
      };
      const content = Buffer.from(JSON.stringify(packet));
      channel.publish('', `MOL.EVENT.${gateway.broker.nodeID}`, content, { userId: user });
      await channel.waitForConfirms();
      await model.close();
    };
    await rabbit.addUsers({ other: ['.*', '.*', '.*'], till: ['.*', '.*', '.*'] });
    for (const user of ['other', 'till'])
      for (const event of ['$till.closed', 'till.closed', 'signal.till.closed']) await send(user, event);
    await eventually(() => expect(received).toContain('signal.till.closed from till'));
    expect(received).toEqual(['signal.till.closed from till']);
  });
});
