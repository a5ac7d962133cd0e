import { config } from '../config.ts';
import { CHANNELS, kindOf, PATTERNS, SCHEMES } from './channels.ts';
import { readMessage } from './read-message.ts';
import { messagesOf } from './say.ts';

const message = {
  id: 'm-1',
  type: 'payment:completed',
  timestamp: '2026-11-30T12:00:00Z',
  source: 'poc2-payments',
  data: { paymentId: 'old', more: [1] },
};
const read = (over: object) => readMessage('payment:completed', JSON.stringify({ ...message, ...over }));

it('a message keeps its data, also what is not known, and gets a time of ours', () => {
  expect(read({}).message).toEqual({
    kind: 'paymentCompleted',
    id: 'm-1',
    entity: 'old',
    source: 'poc2-payments',
    at: '2026-11-30T12:00:00.000Z',
    correlationId: null,
    data: { paymentId: 'old', more: [1] },
  });
  expect(read({ timestamp: 0, correlationId: 'c' }).message).toMatchObject({ correlationId: 'c' });
});

it('secrets of the data are not passed on', () => {
  const { data } =
    read({ data: { paymentId: 'old', refreshToken: 'abc', user: { password: 'abc' } } }).message ?? {};
  expect(data).toEqual({ paymentId: 'old', refreshToken: '[removed]', user: { password: '[removed]' } });
});

it.each([
  ['no time', { timestamp: 'soon' }, 'timestamp: is not a time'],
  ['a time in microseconds', { timestamp: 1.76e15 }, 'timestamp: is not a time'],
  ['a year of five digits', { timestamp: '12345' }, 'timestamp: is not a time'],
  ['a time before all', { timestamp: -1e14 }, 'timestamp: is not a time'],
  ['an id that is no key', { id: 'a\u0000b' }, 'id: is not an id'],
  ['no data', { data: undefined }, /^data: /],
  ['data of another kind', { data: { userId: 'x' } }, /^data: paymentId: /],
  ['too much', { data: { paymentId: 'é'.repeat(70_000) } }, /bytes$/],
])('a message with %s is refused', (_what, over, cause) => {
  expect(read(over).cause).toMatch(cause);
});

it('data nested so deeply that it cannot be written is refused', () => {
  const deep = `{"paymentId":"old","more":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
  const text = JSON.stringify({ ...message, data: 0 }).replace('"data":0', `"data":${deep}`);
  expect(readMessage('payment:completed', text).cause).toEqual(expect.any(String));
});

it('each channel has one kind, and is received', () => {
  const channels = Object.values(CHANNELS).flatMap((names) => Object.values(names));
  expect(new Set(channels).size).toBe(channels.length);
  for (const channel of channels) {
    expect(kindOf(channel)).toBeDefined();
    expect(PATTERNS.some((pattern) => channel.startsWith(pattern.slice(0, -1)))).toBe(true);
  }
});

it('our events go out by the names of the schemes that are set, by default of one', () => {
  const env = { POC2_BRIDGE_REDIS_URL: 'redis://localhost' };
  const named = (text?: string) => {
    const { POC2_BRIDGE_SCHEMES: schemes } = config.parse({ ...env, POC2_BRIDGE_SCHEMES: text });
    const about = { id: 'evt_1', at: new Date(0), requestId: null };
    const saying = { kind: 'userLoggedIn', entity: 'x', version: 1, data: {} } as const;
    return messagesOf(saying, schemes, about).map(({ channel }) => channel);
  };
  expect(named()).toEqual(['auth:user:logged_in']);
  expect(named('colon-two')).toEqual(['user:login']);
  expect(named(SCHEMES.join())).toEqual(['auth:user:logged_in', 'user:login']);
  expect(config.safeParse({ ...env, POC2_BRIDGE_SCHEMES: 'colons' }).error?.issues[0]?.message).toMatch(
    /^must name colon-three or colon-two/,
  );
});
