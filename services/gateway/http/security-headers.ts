/** Header names and values in one flat list, the form that node:http writes fastest. */
export type FlatHeaders = readonly string[];

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html',
];

const API_POLICY = ["default-src 'none'", "frame-ancestors 'none'"];

/** Security headers for each kind of response; HSTS only where the public address is https. */
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
    page: [...page, 'Content-Security-Policy', PAGE_POLICY.join('; ')],
    docs: [...page, 'Content-Security-Policy', PAGE_POLICY.join('; '), 'Cache-Control', 'no-store'],
  };
};
