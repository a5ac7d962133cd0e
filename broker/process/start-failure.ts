import { ConfigError, type Env } from './config.ts';

const ANOTHER = 'choose another: PORT=3400 npm start';

type SystemError = {
  code?: string;
  syscall?: string;
  port?: number;
  address?: string;
  message?: string;
  /** The variable that has the port. */
  variable?: string;
};

/** `Port 3000`, with the variable that has this value. */
const portName = (port: number, env: Env, known?: string): string => {
  const variable =
    known ?? Object.keys(env).find((name) => /(^|_)PORT$/.test(name) && env[name] === String(port));
  return variable === undefined || variable === 'PORT' ? `Port ${port}` : `Port ${port} (${variable})`;
};

/**
 * Why this process did not start, in the words of the person who starts it.
 * @param readEnv is not called for a ConfigError, which may be its own
 */
export const startFailure = (error: unknown, readEnv: () => Env): string => {
  if (error instanceof ConfigError) return `Payloom did not start:\n${error.message.replaceAll(/^/gm, '  ')}`;
  const env = readEnv();
  const { code, syscall, port, address, message, variable } = error as SystemError;
  if (code === 'EADDRINUSE' && port) {
    return `${portName(port, env, variable)} is in use. Stop what uses it, or ${ANOTHER}`;
  }
  if (code === 'EACCES' && syscall === 'listen' && port) {
    const name = portName(port, env, variable);
    return `${name} is reserved for administrators of this machine. Please ${ANOTHER}`;
  }
  if (code === 'EADDRNOTAVAIL' || (syscall === 'getaddrinfo' && env['HOST'])) {
    const given = address ?? env['HOST'];
    return `HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0; ${given} is none.`;
  }
  return `Payloom did not start: ${message ?? String(error)}`;
};
