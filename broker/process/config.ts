import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';

export type Env = Readonly<Record<string, string | undefined>>;

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Variables whose value a file may hold: secrets, and addresses and headers with one in them. */
const SECRET_FILE = /(^|_)(URL|KEY|SECRET|SEAL|PASSWORD|HEADERS)(_\w+)?_FILE$/;

const readSecretFile = (variable: string, path: string): string => {
  let text;
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${variable} names ${path}, which cannot be read (${code})`, { cause: error });
  }
  if (text === '') throw new ConfigError(`${variable} names ${path}, which is empty`);
  return text;
};

/**
 * Replaces names of secret files by their contents: the file that `REDIS_URL_FILE` names holds the value of
 * `REDIS_URL`.
 * @throws ConfigError with a sentence for each file that cannot be read, or that is given beside a value
 */
export const withSecretFiles = (env: Env): Env => {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const [variable, path] of Object.entries(env)) {
    if (!path || !SECRET_FILE.test(variable)) continue;
    const name = variable.slice(0, -'_FILE'.length);
    try {
      if (env[name]) throw new ConfigError(`${name} and ${variable} are both set: remove one of them`);
      values[name] = readSecretFile(variable, path);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return { ...env, ...values };
};

/**
 * The environment of this process, secret files included. No other code reads `process.env`.
 * @throws ConfigError when a secret file cannot be read
 */
export const processEnv = (): Env => withSecretFiles(process.env);

/** A whole number given as text, in decimal digits; an empty text is the default. */
export const number = (defaultValue: number, min = 0, max = Number.MAX_SAFE_INTEGER) => {
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or higher` : `from ${min} to ${max}`;
  const error = `must be a whole number ${range}`;
  return z.pipe(
    z._default(z.union([z.number(), z.string().check(z.regex(/^\d*$/, { error }))], { error }), defaultValue),
    z.pipe(
      z.transform((value: string | number) => (value === '' ? defaultValue : Number(value))),
      z.int({ error }).check(z.gte(min, { error }), z.lte(max, { error })),
    ),
  );
};

export const flag = z.pipe(
  z._default(z.enum(['true', 'false', ''], { error: 'must be true or false' }), 'false'),
  z.transform((text) => text === 'true'),
);

/** Variables that `testSwitches` needs. */
export const testSystem = {
  NODE_ENV: z._default(z.string(), 'development'),
  /** Whether this system serves tests or benches only. */
  TEST_SYSTEM: flag,
};

/** Checks that switches for tests are off in production, so that none left in a file weakens it. */
export const testSwitches = (...names: string[]) =>
  names.map((name) =>
    z.refine<Readonly<Record<string, unknown>>>(
      (given) => given[name] !== true || given['NODE_ENV'] !== 'production' || given['TEST_SYSTEM'] === true,
      {
        path: [name],
        error:
          'is for tests and must be off in production, except with TEST_SYSTEM=true in a system for tests',
      },
    ),
  );

/** A secret that must be given; its value is never printed. */
export const secret = (minLength = 16) =>
  z
    .string({ error: 'must be set' })
    .check(z.minLength(minLength, { error: `must have at least ${minLength} characters` }));

export const postgresUrl = z
  .string({ error: 'must be set' })
  .check(z.regex(/^postgres(ql)?:\/\/\S+$/, { error: 'must be a postgres:// address' }));

/** `REDIS_URL`: optional; empty means not set. */
export const redisUrl = z._default(
  z
    .string()
    .check(z.regex(/^(rediss?:\/\/[^\s/]+\S*)?$/, { error: 'must be a redis:// or rediss:// address' })),
  '',
);

/** Whether an http or https address is one of this machine, which other machines cannot reach. */
export const isLoopback = (address: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);

/**
 * Reads one service's configuration.
 * @returns the parsed configuration, or every problem as a sentence that names the variable (never its
 *   value)
 */
export const readConfig = <S extends z.ZodMiniType>(
  schema: S,
  env: Env,
): { config: z.output<S>; problems: never[] } | { config: null; problems: string[] } => {
  const parsed = schema.safeParse(env);
  if (parsed.success) return { config: parsed.data, problems: [] };
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'configuration'} ${issue.message}`,
  );
  return { config: null, problems: [...new Set(problems)] };
};
