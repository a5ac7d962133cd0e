/** Header names and values in one flat list, the form that node:http writes fastest. */
export type FlatHeaders = readonly string[];

/** Sources of inline scripts and styles that a page may run: hashes such as `'sha256-…'`. */
export type InlineSources = { scripts: readonly string[]; styles: readonly string[] };

/** The content security policy of the pages and their files. `connect` is where they may connect to. */
export const pagePolicy = (
  { scripts, styles }: InlineSources = { scripts: [], styles: [] },
  connect = "'self'",
): string =>
  [
    "default-src 'none'",
    ["script-src 'self'", ...scripts].join(' '),
    ["style-src 'self'", ...styles].join(' '),
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${connect}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // A remote with a Svelte of its own makes a second policy of that name.
    "trusted-types svelte-trusted-html payloom-worker 'allow-duplicates'",
  ].join('; ');

const API_POLICY = ["default-src 'none'", "frame-ancestors 'none'"];

/**
 * Security headers for each kind of response; HSTS only where the public address is https. A page's own
 * `pagePolicy` comes to them.
 */
export const securityHeaders = (publicUrl: string): Record<'api' | 'page' | 'docs', FlatHeaders> => {
  const shared = [
    'X-Content-Type-Options',
    'nosniff',
    'Referrer-Policy',
    'same-origin',
    'Cross-Origin-Resource-Policy',
    'same-origin',
    ...(publicUrl.startsWith('https:')
      ? ['Strict-Transport-Security', 'max-age=63072000; includeSubDomains']
      : []),
  ];
  const page = [
    ...shared,
    'Cross-Origin-Opener-Policy',
    'same-origin',
    'Permissions-Policy',
    'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()',
  ];
  return {
    api: [...shared, 'Content-Security-Policy', API_POLICY.join('; '), 'Cache-Control', 'no-store'],
    page,
    docs: [...page, 'Content-Security-Policy', pagePolicy(), 'Cache-Control', 'no-store'],
  };
};
