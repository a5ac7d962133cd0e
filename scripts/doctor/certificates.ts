import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { fine, runCheck, wrong, type Finding } from './finding.ts';

const DAY_MS = 86_400_000;
const RENEW_DAYS = 14;
const CONNECT_MS = 3_000;

const validity = (about: string, path: string, { validTo }: { validTo: string }, nowMs: number): Finding => {
  const days = Math.floor((Date.parse(validTo) - nowMs) / DAY_MS);
  const remedy =
    'npm run tls renews a certificate of the local authority; ask the public authority for another.';
  if (days < 0) return wrong(about, `${path} has expired on ${validTo}.`, remedy);
  if (days < RENEW_DAYS) return wrong(about, `${path} expires in ${days} days.`, remedy);
  return fine(about, `${path} is valid for ${days} days.`);
};

/** Checks the certificates (`NAME.crt`, its key `NAME.key`) of a folder. */
export const checkCertificates = (folder: string, nowMs = Date.now()): Finding[] => {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.crt')) : [];
  return names.flatMap((name) => {
    const path = join(folder, name);
    try {
      const certificate = new X509Certificate(readFileSync(path));
      const key = createPrivateKey(readFileSync(path.replace(/crt$/, 'key')));
      if (certificate.checkPrivateKey(key)) return [validity('certificate', path, certificate, nowMs)];
      return [
        wrong('certificate', `${path} does not belong to its key.`, 'npm run tls, after deleting both.'),
      ];
    } catch (error) {
      const text = `${path} or its key cannot be read: ${(error as Error).message}.`;
      return [wrong('certificate', text, 'npm run tls, after deleting both.')];
    }
  });
};

/** Checks the certificate that a running edge shows for its address. */
export const checkServed = (publicUrl: string, nowMs = Date.now()): Promise<Finding[]> =>
  runCheck('certificate', async () => {
    const { protocol, hostname, port, host } = new URL(publicUrl);
    if (protocol !== 'https:') return [];
    const pem = await new Promise<X509Certificate>((resolve, reject) => {
      const socket = connect({
        host: hostname,
        port: Number(port || 443),
        ...(isIP(hostname) === 0 && { servername: hostname }),
        // What is wrong with the certificate is to be found out.
        rejectUnauthorized: false,
        timeout: CONNECT_MS,
      });
      socket.once('timeout', () => socket.destroy(new Error(`${host} does not answer`)));
      socket.once('error', reject);
      socket.once('secureConnect', () => {
        const shown = socket.getPeerX509Certificate();
        socket.end();
        if (shown) resolve(shown);
        else reject(new Error(`${host} shows no certificate`));
      });
    });
    if (!(isIP(hostname) ? pem.checkIP(hostname) : pem.checkHost(hostname)))
      return [
        wrong('certificate', `${host} shows a certificate of another name.`, 'Mount that of PUBLIC_URL.'),
      ];
    return [validity('certificate', `the one that ${host} shows`, pem, nowMs)];
  });
