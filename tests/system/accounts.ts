import { inParallel, PASSWORD, stranger, type Answer, type Api } from './client.ts';

/** Somebody with an account of their own, signed in. */
export type Person = {
  id: string;
  email: string;
  accessToken: string;
  refreshToken: string;
  /** Asks as this person, with the access token. */
  api: Api;
};

type Role = 'CUSTOMER' | 'VENDOR';

const cookieOf = ({ cookies }: Answer, name: string): string => {
  const text = cookies.find((cookie) => cookie.includes(`payloom_${name}=`)) ?? '';
  return /=([^;]*)/.exec(text)?.[1] ?? '';
};

/** Opens an account; its session's tokens are taken out of the cookies. */
export const register = async (urls: readonly string[], email: string, role: Role): Promise<Person> => {
  const body = { email, name: email.split('@')[0] ?? '', password: PASSWORD, role };
  const answer = await stranger(urls).post('/api/auth/register', body);
  if (answer.status !== 201) throw new Error(`register answered ${answer.status}: ${answer.text}`);
  const { id } = answer.body['user'] as { id: string };
  const [accessToken, refreshToken] = [cookieOf(answer, 'access'), cookieOf(answer, 'refresh')];
  return { id, email, accessToken, refreshToken, api: stranger(urls, `Bearer ${accessToken}`) };
};

/** Passwords are hashed two at a time in each process, and few wait. */
const AT_ONCE = 8;

/** So many accounts of a role, at the gateways in turn. */
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

/** Another session of the same person. */
export const signInAgain = async (
  urls: readonly string[],
  { id, email }: Pick<Person, 'id' | 'email'>,
  password = PASSWORD,
): Promise<Person> => {
  const { status, body, text } = await stranger(urls).post('/api/auth/tokens', { email, password });
  if (status !== 200) throw new Error(`sign-in answered ${status}: ${text}`);
  const { accessToken, refreshToken } = body as { accessToken: string; refreshToken: string };
  return { id, email, accessToken, refreshToken, api: stranger(urls, `Bearer ${accessToken}`) };
};
