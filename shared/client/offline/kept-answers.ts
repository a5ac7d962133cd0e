import { REFRESH_TOKEN_LIFETIME_S } from '../../contracts/auth/lifetimes.ts';
import type { User } from '../../contracts/auth/auth.ts';
import { KEPT, ME } from './kept-actions.ts';
import type { Transact } from './kept-records.ts';

/** A longer one, as JSON, is not kept. */
const SIZE_MAX = 128 * 1024;
/** The cookies of an answer are at most as old as an access token becomes. */
const COOKIES_AGE_MAX_MS = 10 * 60_000;
const LIFETIME_MS = REFRESH_TOKEN_LIFETIME_S * 1_000 - COOKIES_AGE_MAX_MS;

/** The record with the key. Its session and user are those of everything that is encrypted with the key. */
type Vault = { key: CryptoKey; generation: string; session: string; userId: string; endsAtMs: number };
const VAULT = 'vault';

/** An encrypted answer; only its action and time are readable. */
type Sealed = { action: string; atMs: number; iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer };

export type Question = { action: string; params: object };
export type Answer = Question & { result: unknown; atMs: number };
/** `endsAtMs`: when it may no longer be shown. */
type KeptAnswer = { result: unknown; atMs: number; endsAtMs: number };

export type KeptAnswersOptions = {
  transact: Transact;
  nowMs(): number;
  /** Another text after each sign-in and sign-out, in any tab. */
  session(): string;
  user(): User | null;
};

export type KeptAnswers = {
  /** Keeps the answer if the table says so; of administrators none. @throws as `Transact` does */
  keep(answer: Answer): Promise<void>;
  /**
   * The kept answer, if it is of this session and user and the session cannot be over. Who is signed in is
   * answered too while no user is known.
   * @throws as `Transact` does
   */
  find(question: Question): Promise<KeptAnswer | undefined>;
};

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** The name of an answer's record, from which nobody learns the params. */
const nameOf = async ({ generation }: Vault, { action, params }: Question): Promise<string> => {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  const text = JSON.stringify([generation, action, given.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(text)))));
};

const cipherOf = (iv: Sealed['iv'], name: string) => ({ name: 'AES-GCM', iv, additionalData: bytes(name) });

const seal = async ({ key }: Vault, name: string, { action, result, atMs }: Answer): Promise<Sealed> => {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt(cipherOf(iv, name), key, bytes(JSON.stringify(result)));
  return { action, atMs, iv, data };
};

const unseal = async ({ key }: Vault, name: string, { iv, data }: Sealed): Promise<unknown> => {
  const text = await crypto.subtle.decrypt(cipherOf(iv, name), key, data);
  return JSON.parse(new TextDecoder().decode(text)) as unknown;
};

const freshVault = async (session: string, userId: string): Promise<Vault> => {
  const algorithm = { name: 'AES-GCM', length: 256 };
  const key = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
  return { key, generation: crypto.randomUUID(), session, userId, endsAtMs: 0 };
};

type Owner = Pick<Vault, 'session' | 'userId'>;
const isOf = (vault: Vault | undefined, { session, userId }: Owner): vault is Vault =>
  vault?.session === session && vault.userId === userId;

/** Where the key is: made for the first answer of a session, deleted with all answers before the next one. */
const createVaults = ({ transact, session }: KeptAnswersOptions) => {
  const known = (): Promise<Vault | undefined> =>
    transact(async (records) => (await records.get(VAULT)) as Vault | undefined);
  return {
    known,
    /** Null when the session has ended meanwhile: `isCurrent` is asked in the moment before it is made. */
    of: async (owner: Owner, isCurrent: () => boolean): Promise<Vault | null> => {
      const found = await known().catch(() => undefined);
      if (isOf(found, owner)) return found;
      const fresh = await freshVault(owner.session, owner.userId);
      if (!isCurrent() || owner.session !== session()) return null;
      return transact(async (records) => {
        // Another tab may have come first.
        const first = (await records.get(VAULT)) as Vault | undefined;
        if (isOf(first, owner)) return first;
        await records.clear();
        await records.put(VAULT, fresh);
        return fresh;
      }, true);
    },
  };
};

/** Writes the answer unless the key is another one by now, and deletes the oldest ones of the action. */
const write = (transact: Transact, { generation }: Vault, name: string, sealed: Sealed): Promise<void> =>
  transact(async (records) => {
    const vault = (await records.get(VAULT)) as Vault | undefined;
    if (vault?.generation !== generation) return;
    await records.put(name, sealed);
    // The user may be known from here: that proves nothing about the session.
    if (sealed.action !== ME) {
      const endsAtMs = Math.max(vault.endsAtMs, sealed.atMs + LIFETIME_MS);
      await records.put(VAULT, { ...vault, endsAtMs });
    }
    const others = (await records.entries()) as [string, Partial<Sealed>][];
    const oldest = others
      .filter(([, { action }]) => action === sealed.action)
      .toSorted(([, a], [, b]) => (b.atMs ?? 0) - (a.atMs ?? 0))
      .slice(KEPT.get(sealed.action)?.max);
    for (const [key] of oldest) await records.remove(key);
  });

/** Answers of the signed-in user's reads, encrypted with a key that is deleted with the session. */
export const createKeptAnswers = (options: KeptAnswersOptions): KeptAnswers => {
  const { transact, nowMs, session, user } = options;
  const vaults = createVaults(options);

  return {
    keep: async (answer) => {
      const { action, params, result } = answer;
      const who = user();
      const mayKeep = KEPT.get(action)?.mayKeep({ ...params }) === true;
      if (who === null || who.role === 'ADMIN' || !mayKeep) return;
      if (JSON.stringify(result).length > SIZE_MAX) return;
      const isCurrent = (): boolean => user()?.id === who.id;
      const vault = await vaults.of({ session: session(), userId: who.id }, isCurrent);
      if (vault === null) return;
      const name = await nameOf(vault, answer);
      await write(transact, vault, name, await seal(vault, name, answer));
    },
    find: async (question) => {
      const vault = await vaults.known();
      if (vault?.session !== session() || !KEPT.has(question.action)) return undefined;
      const known = user();
      if (known === null ? question.action !== ME : known.id !== vault.userId) return undefined;
      if (nowMs() >= vault.endsAtMs) {
        await transact((records) => records.clear());
        return undefined;
      }
      const name = await nameOf(vault, question);
      const sealed = (await transact((records) => records.get(name))) as Sealed | undefined;
      if (sealed === undefined) return undefined;
      return { result: await unseal(vault, name, sealed), atMs: sealed.atMs, endsAtMs: vault.endsAtMs };
    },
  };
};
