import Bowser from 'bowser';
import type { DeviceKind } from '../../../shared/contracts/auth/sessions.ts';

type Device = { device: string; kind: DeviceKind };

const UNKNOWN: Device = { device: 'Unknown device', kind: 'program' };

/** No browser sends more; the limit bounds the parsing time. */
const READ_LENGTH = 512;

const KINDS: Readonly<Record<string, DeviceKind>> = {
  desktop: 'desktop',
  tv: 'desktop',
  mobile: 'phone',
  tablet: 'tablet',
};

/** Names in common use, where Bowser gives another one. */
const COMMON_NAMES: Readonly<Record<string, string>> = {
  'Microsoft Edge': 'Edge',
  'Samsung Internet for Android': 'Samsung Internet',
  'Chrome OS': 'ChromeOS',
};
const commonName = (name: string): string => COMMON_NAMES[name] ?? name;

/** The product name of a program: `curl` of `curl/8.4.0`. */
const programOf = (userAgent: string): Device => {
  const name = /^[A-Za-z][\w.+-]{0,39}(?=[/ ]|$)/.exec(userAgent)?.[0];
  return name ? { device: name, kind: 'program' } : UNKNOWN;
};

/**
 * A User-Agent header as a description for people: `Firefox on Linux`, `Safari on iPhone`, `curl`. It proves
 * nothing, because clients can send any User-Agent.
 */
export const describeUserAgent = (userAgent: string | null): Device => {
  const text = (userAgent ?? '').slice(0, READ_LENGTH);
  if (!/^(Mozilla|Opera)\//.test(text)) return programOf(text);
  const { browser, os, platform } = Bowser.parse(text);
  // Nearly every browser sends Mozilla first; without another name it is unknown.
  if (!browser.name || browser.name === 'Mozilla') return UNKNOWN;
  const name = commonName(browser.name);
  const kind = KINDS[platform.type ?? ''];
  if (!kind) return { device: name, kind: 'program' };
  const system = platform.vendor === 'Apple' && platform.model ? platform.model : os.name;
  return { device: system ? `${name} on ${commonName(system)}` : name, kind };
};
