/**
 * Makes a certificate for the host of PUBLIC_URL (localhost), and the authority that signs it; renews it when
 * it ends within a month. `npm run tls [-- FOLDER]`
 */
import { join } from 'node:path';
import { processEnv } from '../broker/process/config.ts';
import { ensureCertificate } from '../nginx/certificate.ts';

/** @throws Error when PUBLIC_URL is no https origin */
const hostOf = (publicUrl: string): string => {
  const url = URL.parse(publicUrl);
  if (url?.protocol !== 'https:')
    throw new Error(`PUBLIC_URL must be an https origin such as https://pay.example.com, not ${publicUrl}.`);
  return url.hostname.replaceAll(/[[\]]/g, '');
};

try {
  const folder = process.argv[2] ?? join(import.meta.dirname, '../.payloom/tls');
  const host = hostOf(processEnv()['PUBLIC_URL'] || 'https://localhost');
  const { said, authority } = await ensureCertificate(folder, host);
  console.log(`${said}\nBrowsers and curl accept it once they trust ${authority} (curl --cacert).`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
