import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { GatewayConfig } from '../config.ts';
import { watchCertificate } from '../metrics.ts';

const LIMIT_MS = 1_000;

type Edge = { address: string; publicUrl: string };

/** When the certificate expires that the edge shows for the host of the public URL, in seconds since 1970. */
const readExpiry = ({ address, publicUrl }: Edge): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(`https://${address}`);
    const { hostname } = new URL(publicUrl);
    const socket = connect({
      host,
      port: Number(port || 443),
      ...(isIP(hostname) === 0 && { servername: hostname }),
      // Nothing is sent, and one that has expired already is to be reported too.
      rejectUnauthorized: false,
      timeout: LIMIT_MS,
    });
    socket.once('timeout', () => socket.destroy(new Error('the edge does not answer')));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const shown: X509Certificate | undefined = socket.getPeerX509Certificate();
      socket.destroy();
      if (shown) resolve(Date.parse(shown.validTo) / 1_000);
      else reject(new Error('the edge shows no certificate'));
    });
  });

/** Exports the expiry of the edge's certificate where EDGE_ADDRESS names the edge. Returns how to end it. */
export const measureCertificate = ({ edgeAddress, publicUrl }: GatewayConfig): (() => void) =>
  edgeAddress === null
    ? () => undefined
    : watchCertificate({
        address: edgeAddress,
        readExpiry: () => readExpiry({ address: edgeAddress, publicUrl }),
      });
