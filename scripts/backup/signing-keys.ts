import type { Env } from '../../broker/process/config.ts';
import { createKeySeal } from '../../services/auth/signing/key-seal.ts';
import { connectTo, type Place } from './connect.ts';

type Row = { id: string; sealed: Buffer };

const opens = ({ id, sealed }: Row, env: Env): boolean => {
  try {
    createKeySeal(env['AUTH_KEY_SEAL'] ?? '', env['AUTH_KEY_SEAL_PREVIOUS'] || null).open(id, sealed);
    return true;
  } catch {
    return false;
  }
};

/**
 * Deletes the signing keys that this system's AUTH_KEY_SEAL does not open: with them auth would not start. It
 * makes a new key instead; sessions go on, their access tokens are renewed.
 * @returns what was done, for people
 */
export const dropSealedKeys = async (place: Place, env: Env): Promise<string> => {
  if (!env['AUTH_KEY_SEAL'])
    return 'not checked, because AUTH_KEY_SEAL is not set here: auth needs that of the backed up system';
  const client = await connectTo(place, 'restore');
  try {
    const { rows } = await client.query<Row>(
      'select id, sealed_key as sealed from signing_keys where sealed_key is not null',
    );
    const unreadable = rows.filter((row) => !opens(row, env)).map(({ id }) => id);
    await client.query('delete from signing_keys where id = any($1)', [unreadable]);
    if (unreadable.length === 0) return `${rows.length}, which AUTH_KEY_SEAL opens`;
    return `left out, because AUTH_KEY_SEAL differs: auth makes new ones; sessions go on`;
  } finally {
    await client.end();
  }
};
