import { currentOrigin, currentTrace, inRequest, type RequestOrigin } from '../calls/request-context.ts';
import { startRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { eventually } from '../testing/eventually.ts';
import { addServiceUsers, startEvents } from './testing/start-events.ts';

let rabbit: TestRabbit;
beforeAll(async () => {
  rabbit = await startRabbit();
  await addServiceUsers(rabbit);
}, 90_000);
afterAll(() => rabbit.stop(), 30_000);

const trace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true };

it.each(['in one process', 'over RabbitMQ'])(
  'an event %s carries who made the request and its trace; events that it causes carry them too',
  async (how) => {
    const seen = new Map<string, { origin: string | null; trace: unknown }>();
    const app = await startEvents(how === 'over RabbitMQ' ? rabbit : null, (word) => {
      seen.set(word, { origin: currentOrigin(), trace: currentTrace() });
    });
    const origin = {
      caller: { userId: 'usr_1', role: 'ADMIN', sessionId: 'ses_1' },
      address: '192.0.2.7',
      userAgent: 'curl/8',
    } as unknown as RequestOrigin;
    try {
      await inRequest({ id: 'req-8', origin, trace }, () => app.say('asked'));
      await inRequest({ id: null, origin: null, trace }, () => app.say('traced'));
      await app.say('unasked');
      await eventually(async () => expect(await app.handled()).toHaveLength(3), 10_000);
      const traceparent = `00-${trace.traceId}-${trace.spanId}-01`;
      expect(JSON.parse(seen.get('asked')?.origin ?? '')).toEqual({ ...origin, traceparent });
      expect(seen.get('asked')?.trace).toEqual(trace);
      expect(seen.get('traced')?.trace).toEqual(trace);
      expect(seen.get('unasked')).toEqual({ origin: null, trace: null });
    } finally {
      await app.stop();
    }
  },
);
