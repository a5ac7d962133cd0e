import type { Socket } from 'node:net';

/**
 * Sends all writes of one turn of the event loop together: clients of RabbitMQ and Redis write each small
 * message separately, and a system call costs more than everything else about it.
 */
export const writeTogether = (socket: Socket): void => {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let isCorked = false;
  const uncork = () => {
    isCorked = false;
    socket.uncork();
  };
  socket.write = ((...args: unknown[]) => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      // After all that has arrived in this turn is handled.
      setImmediate(uncork);
    }
    return write(...args);
  }) as Socket['write'];
};
