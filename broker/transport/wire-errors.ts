import { Errors } from 'moleculer';
import { isErrorCode } from '../../shared/contracts/errors.ts';
import { AppError, isAppError, toAppError, UnansweredError, type AppErrorData } from '../calls/errors.ts';
import type { Logger } from '../process/logger.ts';

/** An error as it travels: what a caller is meant to see, and never a stack or a cause. */
type PlainError = { name: string; code: string; message: string; data?: AppErrorData };

/** Set where the request was turned away before its handler ran, or where that cannot be told. */
const REFUSED = 'Refused';
const LOST = 'Lost';

/** The caller's request id, for the log; whoever sent the request may have written anything. */
const requestIdOf = (payload: unknown): unknown => {
  try {
    const { meta } = payload as { meta: { call: { text: string } } };
    return (JSON.parse(meta.call.text) as { requestId: unknown }).requestId;
  } catch {
    return null;
  }
};

/** Errors between processes: ours arrive with code and data, anything else as `internal`. */
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

  /** Moleculer's own refusals bear this process's name; an error out of a handler never does. */
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
      this.#log.error({ err: error, requestId: requestIdOf(payload) }, 'an action failed');
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

/** Moleculer's `errorRegenerator`; the cause of an `internal` goes to this process's log only. */
export const wireErrors = (log: Logger): Errors.Regenerator => new WireErrors(log);
