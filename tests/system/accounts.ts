import { clientOf, type Answer, type Api } from './client.ts';
import { inParallel } from './timing.ts';

/** The password of every demo account and of every account that these tests make. */
export const PASSWORD = 'TestPassword123!';
export const CUSTOMER = 'customer@example.com';
export const VENDOR = 'vendor@example.com';
export const ADMIN = 'admin@example.com';

export type Role = 'CUSTOMER' | 'VENDOR';

/** An account with a session of its own. */
export type Person = {
  id: string;
  email: string;
  accessToken: string;
  refreshToken: string;
  /** A client with the access token. */
  api: Api;
};

/** Reads a token from Set-Cookie; the names differ by scheme (`__Host-`, `__Secure-`) and port. */
const tokenIn = ({ cookies }: Answer, name: string): string => {
  const text = cookies.find((cookie) => new RegExp(`payloom_${name}(_\\d+)?=`).test(cookie)) ?? '';
  return /=([^;]*)/.exec(text)?.[1] ?? '';
};

/** Registers an account. @throws Error unless it was created */
export const register = async (urls: readonly string[], email: string, role: Role): Promise<Person> => {
  const body = { email, name: email.split('@')[0] ?? '', password: PASSWORD, role };
  const answer = await clientOf(urls).post('/api/auth/register', body);
  if (answer.status !== 201) throw new Error(`register answered ${answer.status}: ${answer.text}`);
  const { id } = answer.body['user'] as { id: string };
  const [accessToken, refreshToken] = [tokenIn(answer, 'access'), tokenIn(answer, 'refresh')];
  return { id, email, accessToken, refreshToken, api: clientOf(urls, `Bearer ${accessToken}`) };
};

/** Each auth process hashes two passwords at a time and refuses a long queue. */
const AT_ONCE = 8;

/** Registers `count` accounts of a role, at the gateways in turn. */
export const registerMany = async (
  urls: readonly string[],
  label: string,
  role: Role,
  count: number,
): Promise<Person[]> => {
  const people: Person[] = [];
  await inParallel(count, AT_ONCE, async (index) => {
    const first = index % urls.length;
    const turned = [...urls.slice(first), ...urls.slice(0, first)];
    const email = `${label}-${role.toLowerCase()}-${index}@example.com`;
    people[index] = await register(turned, email, role);
  });
  return people;
};

/** Opens another session of an account, with tokens instead of cookies. */
export const signInAgain = async (
  urls: readonly string[],
  { id, email }: Pick<Person, 'id' | 'email'>,
  password = PASSWORD,
): Promise<Person> => {
  const { status, body, text } = await clientOf(urls).post('/api/auth/tokens', { email, password });
  if (status !== 200) throw new Error(`sign-in answered ${status}: ${text}`);
  const { accessToken, refreshToken } = body as { accessToken: string; refreshToken: string };
  return { id, email, accessToken, refreshToken, api: clientOf(urls, `Bearer ${accessToken}`) };
};

/** Signs in a demo account. */
export const signIn = async (urls: readonly string[], email = CUSTOMER): Promise<Api> =>
  (await signInAgain(urls, { id: '', email })).api;

/** A new access token; it is valid for ten minutes. */
export const tokenOf = async (urls: readonly string[], email: string): Promise<string> =>
  (await signInAgain(urls, { id: '', email })).accessToken;
