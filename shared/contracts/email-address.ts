const LOCAL_MAX_LENGTH = 64;
/** A path has 256 octets, of which two are angle brackets (RFC 5321, 4.5.3.1.3). */
export const ADDRESS_MAX_LENGTH = 254;

/** Atoms with dots between them (RFC 5322, 3.2.3). */
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** At least two labels of letters, digits and hyphens (RFC 1123, 2.1); the last one is no number. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** What a URL ends a host name at, decodes in it or leaves out. */
const NO_HOST_NAME = /[\p{Cc}\s/\\?#@:%]/u;

const lowerCase = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

const PLAIN_DOMAIN = /^[a-z0-9.-]*$/;

/** A domain as the DNS has it: `BÜCHER.example` and `xn--bcher-kva.example` are one (UTS #46). */
const asciiDomain = (domain: string): string => {
  if (PLAIN_DOMAIN.test(domain)) return domain;
  const url = `http://${domain}`;
  return NO_HOST_NAME.test(domain) || !URL.canParse(url) ? domain : new URL(url).hostname;
};

const partsOf = (address: string): { local: string; domain: string } => {
  const at = address.lastIndexOf('@');
  return { local: address.slice(0, Math.max(0, at)), domain: address.slice(at + 1) };
};

/**
 * The one form of an e-mail address under which an account is known: trimmed, in lower case, its domain in
 * ASCII. Text that is no address is returned trimmed and in lower case.
 */
export const canonicalEmail = (text: string): string => {
  const address = text.trim();
  if (address.length > ADDRESS_MAX_LENGTH || !address.includes('@')) return lowerCase(address);
  const { local, domain } = partsOf(address);
  return `${lowerCase(local)}@${asciiDomain(lowerCase(domain))}`;
};

/**
 * What is wrong with an address in its one form, or null. A local part has to be ASCII: few mail servers take
 * others (RFC 6531), and letters that look alike would make different accounts.
 */
export const emailProblem = (address: string): string | null => {
  const { local, domain } = partsOf(address);
  if (address.length > ADDRESS_MAX_LENGTH) return `must have at most ${ADDRESS_MAX_LENGTH} characters`;
  if (local === '') return 'must be an e-mail address';
  if (local.length > LOCAL_MAX_LENGTH) return `must have at most ${LOCAL_MAX_LENGTH} characters before the @`;
  if (/[^\x20-\x7e]/.test(local)) return 'must have only letters from a to z, digits and signs before the @';
  if (local.includes('"')) return 'must not have quotation marks';
  return LOCAL.test(local) && DOMAIN.test(domain) ? null : 'must be an e-mail address';
};
