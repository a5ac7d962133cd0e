import * as z from 'zod/mini';
import { flag, number, secret, testSwitches, testSystem } from '../../broker/process/config.ts';

const SEAL_MIN_LENGTH = 32;

const settings = z.object({
  ...testSystem,
  AUTH_DATABASE_POOL_SIZE: number(10, 1, 100),
  AUTH_ISSUER: z.optional(z.string()),
  /** Encrypts the private signing keys in the database. */
  AUTH_KEY_SEAL: secret(SEAL_MIN_LENGTH),
  /** The former value of AUTH_KEY_SEAL: it still opens keys, and seals none. */
  AUTH_KEY_SEAL_PREVIOUS: z._default(
    z.string().check(
      z.refine((text) => text === '' || text.length >= SEAL_MIN_LENGTH, {
        error: `must have at least ${SEAL_MIN_LENGTH} characters`,
      }),
    ),
    '',
  ),
  /** Failed sign-ins cause no lockout: for load tests and benches. */
  AUTH_LOCKOUT_OFF: flag,
  /** A new signing key replaces the current one at this age. */
  AUTH_SIGNING_KEY_MAX_AGE_DAYS: number(90, 1, 3650),
  /** Acts of at least this weight wait for another administrator; a grant of ADMIN weighs 10. 0: none. */
  AUTH_FOUR_EYES_WEIGHT: number(10, 0, 1_000),
  /** The mail server that sends one-time links, `smtps://user:password@host`; without one none is sent. */
  SMTP_URL: z._default(
    z.string().check(
      z.refine((text) => text === '' || (/^smtps?:\/\//.test(text) && URL.canParse(text)), {
        error: 'must be an address like smtps://user:password@mail.example.com',
      }),
    ),
    '',
  ),
  /** Who sends the mail, such as `Payloom <no-reply@example.com>`. */
  MAIL_FROM: z.optional(z.string()),
  PORT: number(3000, 0, 65_535),
  PUBLIC_URL: z.optional(z.string()),
});

/** The platform's own address. */
const publicUrlOf = (given: z.output<typeof settings>): string => {
  const address = given.PUBLIC_URL || `http://localhost:${given.PORT}`;
  return URL.canParse(address) ? new URL(address).origin : address;
};

export const config = z.pipe(
  settings.check(...testSwitches('AUTH_LOCKOUT_OFF')),
  z.transform((given) => ({
    poolSize: given.AUTH_DATABASE_POOL_SIZE,
    /** Where one-time links lead to. */
    publicUrl: publicUrlOf(given),
    /** The gateway computes the expected issuer alike. */
    issuer: given.AUTH_ISSUER || publicUrlOf(given),
    smtpUrl: given.SMTP_URL || null,
    mailFrom: given.MAIL_FROM || `Payloom <no-reply@${new URL(publicUrlOf(given)).hostname}>`,
    keySeal: given.AUTH_KEY_SEAL,
    previousKeySeal: given.AUTH_KEY_SEAL_PREVIOUS || null,
    fourEyesWeight: given.AUTH_FOUR_EYES_WEIGHT,
    lockoutOff: given.AUTH_LOCKOUT_OFF,
    signingKeyMaxAgeDays: given.AUTH_SIGNING_KEY_MAX_AGE_DAYS,
  })),
);
export type AuthConfig = z.output<typeof config>;
