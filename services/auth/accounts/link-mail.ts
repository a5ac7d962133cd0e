import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../../broker/process/service.ts';
import type { LinkKind } from '../../../shared/contracts/auth/password-links.ts';
import type { MailOutcome } from '../../../shared/contracts/auth/users.ts';
import type { AuthConfig } from '../config.ts';

/** With the act itself below the action's time limit, so that the answer has the link if need be. */
const LIMIT_MS = 3_000;
const STEP_LIMIT_MS = 2_500;

type LinkMail = { name: string; email: string; kind: LinkKind; link: string; expiresAt: string };

const TEXTS: Record<LinkKind, { subject: string; why: string }> = {
  invitation: {
    subject: 'You are invited to Payloom',
    why: 'You were invited to Payloom. Set your password with this link:',
  },
  reset: {
    subject: 'Set a new password for Payloom',
    why: 'An administrator reset your password for Payloom. Set another one with this link:',
  },
};

const textOf = ({ name, kind, link, expiresAt }: LinkMail): string => {
  const until = `${expiresAt.slice(0, 16).replace('T', ' ')} UTC`;
  return `Hello ${name},\n\n${TEXTS[kind].why}\n\n${link}\n\nIt works once, until ${until}.\n`;
};

/** Sends the one-time link to its user; never throws. `off`: no mail server is configured. */
export type SendLink = (mail: LinkMail) => Promise<MailOutcome>;

/**
 * Mail is sent within the request that makes the link, and nowhere stored: only then is the token in no row
 * and no queue. Where this process dies meanwhile, the administrator gets no answer and renews the link.
 */
export const createLinkMail = ({ config, log }: Pick<Service<AuthConfig>, 'config' | 'log'>): SendLink => {
  const { smtpUrl: url, mailFrom: from } = config;
  if (url === null) return async () => 'off';

  const send = async (mail: LinkMail): Promise<MailOutcome> => {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({
      url,
      connectionTimeout: STEP_LIMIT_MS,
      greetingTimeout: STEP_LIMIT_MS,
      socketTimeout: STEP_LIMIT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      const to = { name: mail.name, address: mail.email };
      await transport.sendMail({ from, to, subject: TEXTS[mail.kind].subject, text: textOf(mail) });
      return 'sent';
    } finally {
      transport.close();
    }
  };
  return async (mail) => {
    try {
      return await Promise.race([send(mail), sleep(LIMIT_MS, 'failed' as const, { ref: false })]);
    } catch (error) {
      // Not the error itself: a mail server may repeat the message, and with it the link.
      const { code = 'unknown', responseCode } = error as { code?: string; responseCode?: number };
      log.warn({ code, responseCode }, 'a one-time link could not be sent by mail');
      return 'failed';
    }
  };
};
