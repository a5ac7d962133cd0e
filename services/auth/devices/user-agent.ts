import Bowser from 'bowser';
import type { DeviceKind } from '../../../shared/contracts/auth/fields.ts';

export type Device = { device: string; kind: DeviceKind };

const UNKNOWN: Device = { device: 'Unknown device', kind: 'program' };

/** No browser needs more; what is longer is not worth its time. */
const READ_LENGTH = 512;

const KINDS: Readonly<Record<string, DeviceKind>> = {
  desktop: 'desktop',
  tv: 'desktop',
  mobile: 'phone',
  tablet: 'tablet',
};

/** People say iPhone, iPad and Edge. */
const SPOKEN: Readonly<Record<string, string>> = {
  'Microsoft Edge': 'Edge',
  'Samsung Internet for Android': 'Samsung Internet',
  'Chrome OS': 'ChromeOS',
};
const spoken = (name: string): string => SPOKEN[name] ?? name;

/** The product that a program calls itself: `curl` of `curl/8.4.0`. */
const programOf = (userAgent: string): Device => {
  const name = /^[A-Za-z][\w.+-]{0,39}(?=[/ ]|$)/.exec(userAgent)?.[0];
  return name ? { device: name, kind: 'program' } : UNKNOWN;
};

/**
 * What somebody signs in with, in words for people: `Firefox on Linux`, `Safari on iPhone`, `curl`. Only a
 * description: whoever sends a User-Agent may write what they like into it.
 */
export const describeUserAgent = (userAgent: string | null): Device => {
  const text = (userAgent ?? '').slice(0, READ_LENGTH);
  if (!/^(Mozilla|Opera)\//.test(text)) return programOf(text);
  const { browser, os, platform } = Bowser.parse(text);
  // Nearly every browser calls itself Mozilla first; who is nothing else is not known.
  if (!browser.name || browser.name === 'Mozilla') return UNKNOWN;
  const name = spoken(browser.name);
  const kind = KINDS[platform.type ?? ''];
  if (!kind) return { device: name, kind: 'program' };
  const on = platform.vendor === 'Apple' && platform.model ? platform.model : os.name;
  return { device: on ? `${name} on ${spoken(on)}` : name, kind };
};
