import { afterSight, placeOf, withoutReplaced, type Seen, type Sight } from './processes.ts';

const after = (...sights: Sight[]): Seen | null =>
  sights.reduce<Seen | null>((seen, sight, index) => afterSight(seen, sight, index), null);

describe('a process', () => {
  it.each<[Sight[], Seen['state']]>([
    [['answered'], 'up'],
    [['unanswered'], 'up'],
    [['answered', 'unanswered'], 'up'],
    [['answered', 'unanswered', 'unanswered'], 'silent'],
    [['answered', 'unanswered', 'answered', 'unanswered'], 'up'],
    [['answered', 'unanswered', 'unanswered', 'answered'], 'up'],
    [['answered', 'died'], 'died'],
    [['answered', 'stopped'], 'stopped'],
    [['answered', 'unanswered', 'unanswered', 'died'], 'died'],
    // A process that was only cut off announces itself again.
    [['answered', 'died', 'answered'], 'up'],
  ])('that %j is %s', (sights, state) => expect(after(...sights)?.state).toBe(state));

  it('has been in its state since the first sight of it', () => {
    expect(after('answered', 'answered', 'unanswered')?.sinceMs).toBe(0);
    expect(after('answered', 'unanswered', 'unanswered', 'unanswered')?.sinceMs).toBe(2);
  });

  it('has the place that its node names', () => {
    expect(placeOf('processor-sandbox-12-0a1b2c')).toEqual({ name: 'processor-sandbox', replica: '12' });
    expect(placeOf('admin+auth-1-0a1b2c')).toEqual({ name: 'admin+auth', replica: '1' });
  });
});

it('one that is gone is shown until another one has its place, and only the last of them', () => {
  const of = (id: string, state: Seen['state']) => ({ id, state });
  const processes = [
    of('auth-1-aaaaaa', 'died'),
    of('auth-1-bbbbbb', 'up'),
    of('auth-2-cccccc', 'died'),
    of('auth-2-dddddd', 'stopped'),
    of('payments-1-eeeeee', 'silent'),
  ];
  expect(withoutReplaced(processes).map(({ id }) => id)).toEqual([
    'auth-1-bbbbbb',
    'auth-2-dddddd',
    'payments-1-eeeeee',
  ]);
});
