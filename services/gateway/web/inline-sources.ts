import { createHash } from 'node:crypto';
import type { InlineSources } from '../http/security-headers.ts';

const sourcesOf = (html: string, tag: 'script' | 'style'): string[] =>
  [...html.matchAll(new RegExp(`<${tag}(?: type="importmap")?>([^]*?)</${tag}>`, 'g'))].map(
    ([, content = '']) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`,
  );

/**
 * The hashes of a page's inline scripts and styles, as a content security policy names them
 * (https://www.w3.org/TR/CSP3/#grammardef-hash-source). An element with other attributes is none of the
 * build's.
 */
export const inlineSourcesOf = (html: string): InlineSources => ({
  scripts: sourcesOf(html, 'script'),
  styles: sourcesOf(html, 'style'),
});
