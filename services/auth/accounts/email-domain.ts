import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * Whether the domain of an address can exist: each of its labels that starts with `xn--` is the form of a
 * label in Unicode (RFC 5890, 2.3.2.1).
 */
export const isPossibleDomain = (address: string): boolean => {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const unicode = domainToUnicode(domain);
  return !/(^|[.])xn--/.test(unicode) && domainToASCII(unicode) === domain;
};
