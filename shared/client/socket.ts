import type { SocketClose, SocketNotice, SocketMessage, Welcome } from '../contracts/realtime.ts';

/** Why a socket is no longer open, or never was; `status` and `code` are those of a refusal or a close. */
export type Loss = {
  status?: number;
  code?: string;
  /** The attempt got no answer at all. */
  silent?: boolean;
};

type SocketHandlers = {
  welcome(body: Welcome): void;
  message(message: SocketMessage): void;
  notice(notice: SocketNotice): void;
  close(body: SocketClose): void;
  lost(loss: Loss): void;
};

type SocketStart = {
  /** The number of the last message that is known. */
  after: number | null;
  /** A WebSocket was tried and never answered: long polling comes first, a WebSocket after it. */
  pollingFirst: boolean;
};

/** Opens one socket and reports its events asynchronously; returns the function that closes it. */
export type OpenSocket = (start: SocketStart, handlers: SocketHandlers) => () => void;

/** The browser's clock and timers; replaceable in tests. */
export type Timing = {
  nowMs(): number;
  /** Calls the listener after the delay; returns its cancellation. */
  after(delayMs: number, listener: () => void): () => void;
  /** From 0 to 1. */
  random(): number;
};

/** The same socket without events after it is closed. */
export const muted =
  (openSocket: OpenSocket): OpenSocket =>
  (start, handlers) => {
    let open = true;
    const whileOpen =
      <T>(handle: (body: T) => void) =>
      (body: T): void => {
        if (open) handle(body);
      };
    const close = openSocket(start, {
      welcome: whileOpen(handlers.welcome),
      message: whileOpen(handlers.message),
      notice: whileOpen(handlers.notice),
      close: whileOpen(handlers.close),
      lost: whileOpen(handlers.lost),
    });
    return () => {
      open = false;
      close();
    };
  };
