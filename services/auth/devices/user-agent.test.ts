import { describeUserAgent } from './user-agent.ts';

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const CHROME = 'Chrome/120.0.0.0';

const rows: [userAgent: string | null, device: string, kind: string][] = [
  ['Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0', 'Firefox on Linux', 'desktop'],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} ${CHROME} Safari/537.36`,
    'Chrome on Windows',
    'desktop',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} ${CHROME} Safari/537.36 Edg/120.0`,
    'Edge on Windows',
    'desktop',
  ],
  [
    `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/120.0 Safari/537.36`,
    'Chrome on Linux',
    'desktop',
  ],
  [
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} ${CHROME} Safari/537.36`,
    'Chrome on ChromeOS',
    'desktop',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.1 Safari/605.1.15',
    'Safari on macOS',
    'desktop',
  ],
  [
    `Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) ${WEBKIT} Version/17 Mobile/15E Safari/604.1`,
    'Safari on iPhone',
    'phone',
  ],
  [
    `Mozilla/5.0 (iPad; CPU OS 16_3 like Mac OS X) ${WEBKIT} CriOS/120.0 Mobile/15E148 Safari/604.1`,
    'Chrome on iPad',
    'tablet',
  ],
  ['Mozilla/5.0 (Android 14; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0', 'Firefox on Android', 'phone'],
  [
    `Mozilla/5.0 (Linux; Android 13; SM-X900) ${WEBKIT} ${CHROME} Safari/537.36`,
    'Chrome on Android',
    'tablet',
  ],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot', 'program'],
  ['curl/8.4.0', 'curl', 'program'],
  ['axios/1.6.2', 'axios', 'program'],
  ['node', 'node', 'program'],
  ['python-requests/2.31.0', 'python-requests', 'program'],
  ['Apache-HttpClient/4.5.14 (Java/17.0.9)', 'Apache-HttpClient', 'program'],
  [null, 'Unknown device', 'program'],
  ['', 'Unknown device', 'program'],
  ['Mozilla/5.0', 'Unknown device', 'program'],
  ['Mozilla/5.0 <b>bold</b>/1.0', 'Unknown device', 'program'],
  ['<script>alert(1)</script>', 'Unknown device', 'program'],
  ['\u202efdp.exe/1', 'Unknown device', 'program'],
];

describe('a User-Agent', () => {
  it.each(rows)('%s is described as %s (%s)', (userAgent, device, kind) => {
    expect(describeUserAgent(userAgent)).toEqual({ device, kind });
  });

  it('is read in its first 512 characters only, so that its length costs no time', () => {
    const firefox = rows[0]![0]!;
    const padded = firefox.padEnd(512, ' ');
    expect(describeUserAgent(`${padded} Edg/120.0`)).toEqual(describeUserAgent(firefox));
    expect(describeUserAgent(`${firefox} Edg/120.0`)).not.toEqual(describeUserAgent(firefox));
    expect(describeUserAgent('a'.repeat(100_000))).toEqual({ device: 'Unknown device', kind: 'program' });
  });
});
