/** What the tests use of smtp-server, whose package of types needs the one of nodemailer. */
declare module 'smtp-server' {
  import type { Server } from 'node:net';
  import type { Readable } from 'node:stream';

  export class SMTPServer {
    constructor(options: {
      authOptional: boolean;
      disabledCommands: string[];
      onData: (stream: Readable, session: unknown, done: (error: Error | null) => void) => void;
    });
    server: Server;
    listen(port: number, host: string): void;
    close(done: () => void): void;
  }
}
