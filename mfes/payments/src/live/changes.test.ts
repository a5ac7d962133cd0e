import { REREAD } from '../../../../shared/client/on-message.ts';
import type { LiveState } from '../../../../shared/client/host.ts';
import type { PaymentId } from '../../../../shared/contracts/ids.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { watchChanges } from './changes.ts';
import type { Surroundings } from './poll.ts';

const CHANGED = realtime.messages.paymentChanged.name;

/** A page that shows payments a and b, and what it was asked to read. */
const stage = ({ mayGrow = true, mayChange = true } = {}) => {
  const listeners = new Map<string, (payload: unknown) => void>();
  const asked: (string[] | 'all' | 'new')[] = [];
  let state: LiveState = 'connected';
  let due: (() => void)[] = [];
  const surroundings: Surroundings = {
    hidden: () => false,
    onShown: () => () => {},
    isLive: () => true,
    onLive: () => () => {},
    after: (_, run) => {
      due.push(run);
      return () => (due = due.filter((one) => one !== run));
    },
  };
  const listen = (name: string, listener: (payload: unknown) => void) => {
    listeners.set(name, listener);
    return () => listeners.delete(name);
  };
  const stop = watchChanges({ live: { on: listen, state: () => state }, on: listen }, surroundings, {
    versionOf: (id) => ({ a: 1, b: 1, c: 1, d: 1 })[id as string],
    mayChange: () => mayChange,
    mayGrow: () => mayGrow,
    lookForNew: () => asked.push('new'),
    readAll: () => asked.push('all'),
    readOnly: (ids) => asked.push(ids),
  });
  const turn = (): void => {
    const now = due;
    due = [];
    now.forEach((run) => run());
  };
  return {
    asked,
    turn,
    stop,
    listeners,
    send: (id: string, version: number) =>
      listeners.get(CHANGED)?.({ id: id as PaymentId, status: 'completed', version }),
    sendEntries: () => listeners.get(realtime.messages.auditEntriesAdded.name)?.({ newest: 'evt_1' }),
    sendReread: () => listeners.get(REREAD)?.(undefined),
    become: (next: LiveState) => {
      state = next;
      listeners.get('live')?.(undefined);
    },
  };
};

describe('that something has happened, as administrators get it,', () => {
  it('makes the page be read, once for many', () => {
    const { sendEntries, turn, asked } = stage();
    for (let n = 0; n < 3; n++) sendEntries();
    turn();
    expect(asked).toEqual(['all']);
    sendEntries();
    turn();
    turn();
    expect(asked).toEqual(['all', 'all']);
  });

  it('is nothing to a page that no longer changes', () => {
    const { sendEntries, turn, asked } = stage({ mayChange: false });
    sendEntries();
    turn();
    expect(asked).toEqual([]);
  });
});

describe('a message about a payment', () => {
  it('that is shown makes that one be read, if the message is newer', () => {
    const { send, turn, asked } = stage();
    send('a', 2);
    send('b', 1);
    turn();
    expect(asked).toEqual([['a']]);
  });

  it('that is not shown makes the page be read where it may belong to it', () => {
    const { send, turn, asked } = stage();
    send('new', 1);
    send('a', 2);
    turn();
    expect(asked).toEqual(['all']);
  });

  it('that is not shown makes a page that cannot show it look for new payments, once for many', () => {
    const { send, turn, asked } = stage({ mayGrow: false });
    for (const id of ['new', 'newer', 'newest']) send(id, 1);
    turn();
    expect(asked).toEqual(['new']);
    send('another', 1);
    turn();
    expect(asked).toEqual(['new', 'new']);
  });

  it('with many others makes the page be read once, instead of each of them', () => {
    const { send, turn, asked } = stage();
    for (const id of ['a', 'b', 'c', 'd', 'a']) send(id, 2);
    turn();
    turn();
    expect(asked).toEqual(['all']);
  });
});

it('reads all again when messages were missed, and when the connection is back', () => {
  const { sendReread, become, turn, asked } = stage();
  sendReread();
  become('connected');
  turn();
  expect(asked).toEqual(['all']);
  become('reconnecting');
  turn();
  turn();
  expect(asked).toEqual(['all']);
});

it('receives nothing after it was stopped', () => {
  const { stop, listeners } = stage();
  stop();
  expect(listeners.size).toBe(0);
});
