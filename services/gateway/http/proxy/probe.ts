import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** The limit of a health check. */
const ANSWER_LIMIT_MS = 900;
/** Anyone may ask for /health/ready, so an upstream is asked this often at most. */
const ASKED_EVERY_MS = 2_000;

const ask = (origin: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const send = origin.startsWith('https:') ? requestHttps : requestHttp;
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const request = send(origin, { method: 'HEAD', agent: false, signal }, (response) => {
      response.resume();
      resolve();
    });
    request.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(signal.aborted ? `no answer in ${ANSWER_LIMIT_MS} ms` : (error.code ?? error.message)),
      ),
    );
    request.end();
  });

/** Rejects while an upstream gives no HTTP answer, whatever its status, to `HEAD /`. */
export const upstreamProbe = (origin: string): (() => Promise<void>) => {
  let asked: Promise<void> | null = null;
  let askedAtMs = 0;
  return () => {
    const nowMs = performance.now();
    if (asked === null || nowMs - askedAtMs > ASKED_EVERY_MS) {
      asked = ask(origin);
      askedAtMs = nowMs;
    }
    return asked;
  };
};
