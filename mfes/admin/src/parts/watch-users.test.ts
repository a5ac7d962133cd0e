import { eventually } from '../../../../shared/client/testing/tabs.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { watchUsers } from './watch-users.ts';

const { userChanged, userSessionsChanged } = realtime.messages;
let stop: () => void;
afterEach(() => stop());

const stage = (...messages: Parameters<typeof watchUsers>[2][]) => {
  const listeners = new Map<string, (payload: unknown) => void>();
  const seen: UserId[] = [];
  const on = (name: string, listener: (payload: unknown) => void) => {
    listeners.set(name, listener);
    return () => listeners.delete(name);
  };
  stop = watchUsers({ on }, (changed) => changed !== 'all' && seen.push(...changed), ...messages);
  const send = ({ name }: { name: string }, id: string) => listeners.get(name)?.({ id });
  return { seen, send };
};

it('takes a session for no change of a user, unless it is asked to: every sign-in begins one', async () => {
  const { seen, send } = stage();
  send(userSessionsChanged, 'usr_1');
  send(userChanged, 'usr_2');
  await eventually(() => seen.length > 0);
  expect(seen).toEqual(['usr_2']);
});

it('collects the users of the messages that it is asked for', async () => {
  const { seen, send } = stage([userChanged, userSessionsChanged]);
  send(userSessionsChanged, 'usr_1');
  send(userChanged, 'usr_2');
  send(userChanged, 'usr_1');
  await eventually(() => seen.length > 0);
  expect(seen).toEqual(['usr_1', 'usr_2']);
});
