import { createLeaveGuard } from './leave-guard.ts';

const setUp = () => {
  const page = new EventTarget();
  const seen = { questions: 0, left: [] as string[] };
  let answer: (leaves: boolean) => void = () => {};
  const guard = createLeaveGuard({
    page,
    ask: () => {
      seen.questions += 1;
      return new Promise((resolve) => (answer = resolve));
    },
    withdraw: () => answer(false),
  });
  const go = (to: string) => guard.leave(() => void seen.left.push(to));
  /** Whether the browser asks before it closes the page. */
  const warnsOnClose = (): boolean => !page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  return { guard, seen, go, warnsOnClose, answer: (leaves: boolean) => answer(leaves) };
};

describe('leaving a page', () => {
  it('with nothing unsaved happens at once, without a question', () => {
    const { guard, seen, go, warnsOnClose } = setUp();
    guard.add(() => false);
    void go('/payments');
    expect(seen).toEqual({ questions: 0, left: ['/payments'] });
    expect(warnsOnClose()).toBe(false);
  });

  it.each([
    [true, ['/payments']],
    [false, []],
  ])('with something unsaved asks first, and says that it is given up; leave: %s', async (leaves, left) => {
    const { guard, seen, go, answer } = setUp();
    let givenUp = false;
    guard.add(
      () => true,
      () => (givenUp = true),
    );
    const gone = go('/payments');
    expect(seen).toEqual({ questions: 1, left: [] });
    answer(leaves);
    await gone;
    expect(seen.left).toEqual(left);
    expect(givenUp).toBe(leaves);
  });

  it('asks one question at a time, and again the next time', async () => {
    const { guard, seen, go, answer } = setUp();
    guard.add(() => true);
    const first = go('/payments');
    await go('/settings/devices');
    expect(seen).toEqual({ questions: 1, left: [] });
    answer(false);
    await first;
    const second = go('/settings/devices');
    answer(true);
    await second;
    expect(seen).toEqual({ questions: 2, left: ['/settings/devices'] });
  });

  it('looks at what is unsaved at that moment', () => {
    const { guard, go, seen, warnsOnClose } = setUp();
    let typed = '';
    guard.add(() => typed !== '');
    expect(warnsOnClose()).toBe(false);
    typed = 'Vera';
    expect(warnsOnClose()).toBe(true);
    typed = '';
    void go('/payments');
    expect(seen.left).toEqual(['/payments']);
  });
});

describe('a released guard', () => {
  it('asks nothing, neither here nor when the page is closed; others stay', () => {
    const { guard, seen, go, warnsOnClose } = setUp();
    const check = () => true;
    const releases = [guard.add(check), guard.add(check)];
    releases[0]?.();
    expect(warnsOnClose()).toBe(true);
    releases[1]?.();
    expect(warnsOnClose()).toBe(false);
    void go('/payments');
    expect(seen).toEqual({ questions: 0, left: ['/payments'] });
  });

  it('takes back the open question: the page is gone, by a sign-out elsewhere', async () => {
    const { guard, seen, go, warnsOnClose } = setUp();
    guard.add(() => true);
    const asked = go('/payments');
    guard.clear();
    await asked;
    expect(seen).toEqual({ questions: 1, left: [] });
    expect(warnsOnClose()).toBe(false);
  });
});
