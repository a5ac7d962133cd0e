import { currentOrigin, runInRequest, type RequestOrigin } from '../calls/request-context.ts';
import { startRabbit, type TestRabbit } from '../testing/rabbitmq.ts';
import { eventually } from '../testing/eventually.ts';
import { addServiceUsers, startEvents } from './testing/start-events.ts';

let rabbit: TestRabbit;
beforeAll(async () => {
  rabbit = await startRabbit();
  await addServiceUsers(rabbit);
}, 90_000);
afterAll(() => rabbit.stop(), 30_000);

it.each(['in one process', 'over RabbitMQ'])(
  'an event %s carries who made the request and from where; events that it causes carry it too',
  async (how) => {
    const seen = new Map<string, string | null>();
    const app = await startEvents(how === 'over RabbitMQ' ? rabbit : null, (word) => {
      seen.set(word, currentOrigin());
    });
    const origin = {
      caller: { userId: 'usr_1', role: 'ADMIN', sessionId: 'ses_1' },
      address: '192.0.2.7',
      userAgent: 'curl/8',
    } as unknown as RequestOrigin;
    try {
      await runInRequest('req-8', () => app.say('asked'), origin);
      await app.say('unasked');
      await eventually(async () => expect(await app.handled()).toEqual(['asked', 'unasked']), 10_000);
      expect(JSON.parse(seen.get('asked') ?? '')).toEqual(origin);
      expect(seen.get('unasked')).toBeNull();
    } finally {
      await app.stop();
    }
  },
);
