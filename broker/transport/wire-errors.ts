import { Errors } from 'moleculer';
import { isErrorCode } from '../../shared/contracts/errors.ts';
import { AppError, isAppError, toAppError, UnansweredError, type AppErrorData } from '../calls/errors.ts';
import type { Logger } from '../process/logger.ts';

/** A serialized error: code and data, never a stack or a cause. */
type PlainError = { name: string; code: string; message: string; data?: AppErrorData };

/** Set when the request was refused before its handler ran, or when that is unknown. */
const REFUSED = 'Refused';
const LOST = 'Lost';

/** The caller's request id, for the log; not trusted. */
const requestIdOf = (payload: unknown): unknown => {
  try {
    const { meta } = payload as { meta: { call: { text: string } } };
    return (JSON.parse(meta.call.text) as { requestId: unknown }).requestId;
  } catch {
    return null;
  }
};

/** Restores errors between processes: ours with code and data, others as `internal`. */
class WireErrors extends Errors.Regenerator {
  readonly #log: Logger;
  #nodeId = '';

  constructor(log: Logger) {
    super();
    this.#log = log;
  }

  override init(broker: Parameters<Errors.Regenerator['init']>[0]): void {
    super.init(broker);
    this.#nodeId = broker.nodeID;
  }

  /** Moleculer's own refusals name this process; errors of a handler never do. */
  #refusal(error: { name?: string; data?: { nodeID?: string } }): PlainError | null {
    if (error.data?.nodeID !== this.#nodeId) return null;
    if (error.name === 'RequestRejectedError') return { name: LOST, code: 'unavailable', message: '' };
    if (error.name !== 'ServiceNotAvailableError' && error.name !== 'ServiceNotFoundError') return null;
    return { name: REFUSED, code: 'unavailable', message: '' };
  }

  override extractPlainError(error: Error, payload?: object): never {
    const refusal = isAppError(error) ? null : this.#refusal(error);
    if (refusal) return refusal as never;
    const known = isAppError(error) ? error : new AppError('internal');
    if (known.code === 'internal') {
      this.#log.error({ err: error, requestId: requestIdOf(payload) }, 'action failed');
    }
    return { name: 'AppError', code: known.code, message: known.message, data: known.data } as never;
  }

  override restore(plain: unknown): Error {
    const { name, code, data } = (plain ?? {}) as Partial<PlainError>;
    if (name === REFUSED) return new UnansweredError('refused');
    if (name === LOST) return new UnansweredError('lost');
    return isErrorCode(code) ? new AppError(code, data ?? {}) : toAppError(null);
  }
}

/** Moleculer's `errorRegenerator`; the cause of an `internal` is only logged in this process. */
export const wireErrors = (log: Logger): Errors.Regenerator => new WireErrors(log);
