import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Paths of the files of a certificate, and of the authority that has signed it. */
export type Certificate = { certificate: string; key: string; authority: string };

/**
 * Makes a certificate for a host in a folder, or finds one that is valid for another month.
 * @returns the paths, and sentences about what was done
 * @throws Error in one sentence
 */
export const ensureCertificate = async (
  folder: string,
  host: string,
): Promise<Certificate & { said: string }> => {
  const script = join(import.meta.dirname, 'tls.sh');
  const { stdout } = await promisify(execFile)('sh', [script, folder, host]).catch((error: unknown) => {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new Error(`No certificate was made: ${stderr.trim() || message}`, { cause: error });
  });
  const file = (name: string) => join(folder, name);
  const paths = { certificate: file(`${host}.crt`), key: file(`${host}.key`), authority: file('ca.crt') };
  return { ...paths, said: stdout.trim() };
};
