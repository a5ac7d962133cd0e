import type {
  SystemProcess,
  SystemService,
  SystemSnapshot,
} from '../../../../../shared/contracts/admin/system.ts';
import { findingsOf, serviceViews, sharedViews } from './topology.ts';

const at = '2026-11-23T09:30:00.000Z';
const dependency = (name: string, ok = true, optional = false) => ({
  ...{ name, ok, optional, ms: 1 },
  reason: ok ? null : 'connection refused',
});
const process = (service: string, over: Partial<SystemProcess> = {}): SystemProcess => ({
  id: `${service}-1-0a1b2c`,
  services: [service],
  replica: '1',
  state: 'up',
  since: at,
  version: '1',
  nodeVersion: 'v24',
  startedAt: at,
  memoryBytes: 1,
  cpuShare: 0,
  answerMs: 1,
  dependencies: [dependency(`${service} database`), dependency('RabbitMQ')],
  ...over,
});
const service = (name: string, over: Partial<SystemService> = {}): SystemService => ({
  name,
  readBy: `${name}-1-0a1b2c`,
  outbox: { rows: 0, oldestS: 0 },
  queue: { waiting: 0, retrying: 0, dead: 0, consumers: 1 },
  pool: null,
  sendsTo: [],
  ...over,
});
const snapshot = (processes: SystemProcess[], services: SystemService[]): SystemSnapshot => ({
  ...{ at, readBy: 'admin-1-0a1b2c', rabbitmq: '3.10.8', deadLetters: 0 },
  processes,
  services,
});
const textsOf = (one: SystemSnapshot) => findingsOf(one).map(({ text }) => text);

describe('what is wrong', () => {
  it('is nothing where all that was asked has answered', () => {
    expect(findingsOf(snapshot([process('auth')], [service('auth')]))).toEqual([]);
  });

  it.each<[string, SystemProcess[], Partial<SystemService>, string[]]>([
    [
      'a process that does not answer',
      [process('auth', { state: 'silent' })],
      {},
      ['auth 1 does not answer.'],
    ],
    [
      'a process that died',
      [process('auth', { state: 'died' })],
      {},
      ['auth 1 died, and no other has its place.'],
    ],
    [
      'a service that was stopped',
      [process('auth', { state: 'stopped' })],
      {},
      ['No process of auth is there.'],
    ],
    ['a service that was never there', [], {}, ['No process of auth is there.']],
    [
      'a database that is away',
      [process('auth', { dependencies: [dependency('auth database', false)] })],
      {},
      ['auth 1 cannot use auth database: connection refused.'],
    ],
    [
      'dead letters',
      [process('auth')],
      { queue: { waiting: 0, retrying: 0, dead: 2, consumers: 1 } },
      ['auth could not handle 2 events.'],
    ],
    [
      'a queue that nobody handles',
      [process('auth')],
      { queue: { waiting: 9, retrying: 0, dead: 0, consumers: 0 } },
      ['Nobody handles the queue of auth.'],
    ],
    [
      'an outbox that is not emptied',
      [process('auth')],
      { outbox: { rows: 3, oldestS: 61.2 } },
      ['An event of auth waits to be published since 61 s.'],
    ],
  ])('is %s', (_case, processes, over, texts) => {
    expect(textsOf(snapshot(processes, [service('auth', over)]))).toEqual(texts);
  });

  it('begins with what is urgent', () => {
    const away = process('auth', { dependencies: [dependency('Redis', false, true)] });
    const found = findingsOf(
      snapshot([away, process('payments', { state: 'died' })], [service('auth'), service('payments')]),
    );
    expect(found.map(({ level }) => level)).toEqual(['danger', 'warning']);
  });
});

it('a service is partly there while one of its processes or databases is not', () => {
  const two = [process('auth'), process('auth', { id: 'auth-2-0a1b2c', replica: '2', state: 'died' })];
  const [view] = serviceViews(snapshot(two, [service('auth')]));
  expect(view?.state).toBe('partly');
});

it('what several processes use is one thing, with those that cannot reach it', () => {
  const away = process('payments', { dependencies: [dependency('RabbitMQ', false)] });
  const views = sharedViews(snapshot([process('auth'), away], [service('auth'), service('payments')]));
  expect(views).toMatchObject([{ name: 'RabbitMQ', ok: 1, failing: [{ reason: 'connection refused' }] }]);
});
