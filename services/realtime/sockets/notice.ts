import type { Message, PayloadOf } from '../../../shared/contracts/contract.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import type { RealtimeState } from '../realtime.ts';
import { countSent } from '../metrics.ts';
import { emitTo } from './emit.ts';
import { isFull } from './engine-io.ts';

/** Sends a message that nobody keeps to the sockets of a role at this process; slow readers get none. */
export const sendNotice = <M extends Message>(
  { connections }: Pick<RealtimeState, 'connections'>,
  to: Role | 'everybody',
  message: M,
  payload: PayloadOf<M>,
): void => {
  for (const connection of connections.all()) {
    if (to !== 'everybody' && connection.role !== to) continue;
    if (connection.seq === null || isFull(connection.socket.conn)) continue;
    emitTo(connection.socket, 'notice', { name: message.name, payload });
    countSent(message.name);
  }
};
