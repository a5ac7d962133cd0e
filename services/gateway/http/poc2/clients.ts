import type { IncomingMessage } from 'node:http';

/** So many names of clients are kept apart in a process; metrics must not grow with what clients send. */
const NAMES_MAX = 50;
const NAME = /^[\w.-]{1,40}$/;
const OTHER_CLIENT = 'other';

/** How a client calls itself: `X-Client`, or the first product of its User-Agent without the version. */
const nameIn = ({ headers }: IncomingMessage): string | null => {
  const given = headers['x-client'] ?? headers['user-agent']?.split(/[/ ]/, 1)[0];
  return typeof given === 'string' && NAME.test(given) ? given : null;
};

/**
 * The names of clients as labels. Only a request that was answered well adds a name, so that strangers do not
 * use them up.
 */
export const clientLabels = (max = NAMES_MAX) => {
  const known = new Set<string>();
  return (request: IncomingMessage, isKnown: boolean): string => {
    const name = nameIn(request);
    if (name === null) return OTHER_CLIENT;
    if (isKnown && known.size < max) known.add(name);
    return known.has(name) ? name : OTHER_CLIENT;
  };
};
