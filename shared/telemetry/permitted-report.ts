import { holdsCardNumber } from '../contracts/card-numbers.ts';

const TEXT_MAX = 2_000;
const REMOVED = '[removed]';
/** Addresses, and what is as long as a token, a key or a hash. */
const PERSONAL = /[^\s@"'(<]+@[^\s@"')>]+|[\w+/=.-]{32,}/g;

/** The message of an error, which may quote what a user sent or what a database holds. */
const withoutPersonalData = (text: string): string =>
  holdsCardNumber(text) ? REMOVED : text.slice(0, TEXT_MAX).replaceAll(PERSONAL, REMOVED);

type Frame = {
  filename?: string;
  function?: string;
  module?: string;
  lineno?: number;
  colno?: number;
  in_app?: boolean;
};
type Thrown<F extends Frame> = {
  type?: string;
  value?: string;
  mechanism?: { type: string; handled?: boolean };
  stacktrace?: { frames?: F[] };
};
/** What is read of an event of Sentry's libraries for Node.js and for browsers, whose types differ. */
type SentryEvent<F extends Frame> = {
  event_id?: string;
  timestamp?: number;
  platform?: string;
  level?: string;
  release?: string;
  environment?: string;
  tags?: object;
  user?: { id?: string | number };
  contexts?: { trace?: object };
  exception?: { values?: Thrown<F>[] };
};

/** A file of the program by its path or address; anything else may be the address of a page. */
const fileOf = (filename: string | undefined): string | undefined => {
  const [file] = filename?.split(/[?#]/) ?? [];
  return file === undefined || /\.[cm]?[jt]s$|^node:|^<anonymous>$/.test(file) ? file : '[page]';
};

const permittedFrame = ({ filename, function: name, module, lineno, colno, in_app }: Frame): Frame => ({
  filename: fileOf(filename),
  function: name && withoutPersonalData(name),
  module,
  lineno,
  colno,
  in_app,
});

const permittedThrown = <F extends Frame>({ type, value = '', mechanism, stacktrace }: Thrown<F>) => ({
  type,
  value: withoutPersonalData(value),
  mechanism: mechanism && { type: mechanism.type, handled: mechanism.handled },
  stacktrace: { frames: stacktrace?.frames?.map(permittedFrame) },
});

/**
 * What is sent of an event: a list of what may be, so that a new version of a library adds nothing. Of a user
 * only the id.
 */
export const permitted = <F extends Frame, E extends SentryEvent<F>>(event: E): E => {
  const { event_id, timestamp, platform, level, release, environment, tags, user, contexts } = event;
  const sent = {
    event_id,
    timestamp,
    platform,
    level,
    release,
    environment,
    tags,
    user: user?.id === undefined ? undefined : { id: user.id },
    contexts: { trace: contexts?.trace },
    exception: { values: event.exception?.values?.map(permittedThrown) },
  };
  return sent as unknown as E;
};
