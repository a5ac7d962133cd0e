import type { Message, PayloadOf } from '../../../shared/contracts/contract.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import type { RealtimeService, RealtimeState } from '../realtime.ts';
import { countSent } from '../metrics.ts';
import type { Connection } from './connections.ts';
import { emitTo } from './emit.ts';
import { isFull } from './engine-io.ts';

type Notice = Message & { notice: true };

/** Sends a message that nobody keeps to these sockets; slow readers get none. */
const sendTo = <M extends Notice>(
  connections: readonly Connection[],
  message: M,
  payload: PayloadOf<M>,
): void => {
  for (const { seq, socket } of connections) {
    if (seq === null || isFull(socket.conn)) continue;
    emitTo(socket, 'notice', { name: message.name, payload });
    countSent(message.name);
  }
};

/** Sends a message that nobody keeps to the sockets of one role at this process. */
export const sendNotice = <M extends Notice>(
  { connections }: Pick<RealtimeState, 'connections'>,
  role: Role,
  message: M,
  payload: PayloadOf<M>,
): void => {
  const ofRole = connections.all().filter((connection) => connection.role === role);
  sendTo(ofRole, message, payload);
};

/** Asks pages to read the settings again: all at this process, or certain ones. */
export const noticeSettings = (
  { state, clock }: Pick<RealtimeService, 'state' | 'clock'>,
  connections: readonly Connection[] = state.connections.all(),
): void => sendTo(connections, realtime.messages.settingsChanged, { at: clock.iso() });
