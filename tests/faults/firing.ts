import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../system/timing.ts';

type Alert = { state: string; labels: Record<string, string> };

/** The alerts of a Prometheus, and the times at which they fired and ended. */
export const alertsOf = (prometheus: string) => {
  const firing = async (): Promise<Set<string>> => {
    const answer = await fetch(`${prometheus}/api/v1/alerts`);
    const { data } = (await answer.json()) as { data: { alerts: Alert[] } };
    const all = data.alerts.filter(({ state }) => state === 'firing');
    return new Set(all.map(({ labels }) => labels['alertname'] ?? ''));
  };
  const has = async (query: string): Promise<boolean> => {
    const answer = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as { data: { result: unknown[] } };
    return data.result.length > 0;
  };
  return {
    firing,
    /** Resolves when a query has a result. */
    seen: (query: string, limitMs = 20_000) => until(query, limitMs, () => has(query), 200),
    /** Resolves when all of them fire. @returns milliseconds */
    fires: (names: readonly string[], limitMs: number): Promise<number> => {
      let missing: readonly string[] = names;
      const isSo = async () => {
        const now = await firing();
        missing = missing.filter((name) => !now.has(name));
        return missing.length === 0;
      };
      return until(() => `fired, but for ${missing.join(', ')}`, limitMs, isSo, 200);
    },
    /** Resolves when none of them fires any more. @returns milliseconds */
    ends: (names: readonly string[], limitMs: number): Promise<number> => {
      let left: readonly string[] = names;
      const isSo = async () => {
        const now = await firing();
        left = names.filter((name) => now.has(name));
        return left.length === 0;
      };
      return until(() => `ended, but for ${left.join(', ')}`, limitMs, isSo, 200);
    },
  };
};

const certificateOf = (days: number): { key: string; cert: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-certificate-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  try {
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
    const about = ['-x509', '-days', String(days), '-subj', '/CN=localhost', '-out', cert];
    execFileSync('openssl', ['req', ...kind, ...about], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** An edge on a port that shows a certificate of its own, which is valid for some days. */
export const openEdge = async (port: number, days: number) => {
  const server: Server = createServer(certificateOf(days));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  );
  return {
    renew: (newDays: number): void => server.setSecureContext(certificateOf(newDays)),
    close: (): void => void server.close(),
  };
};
