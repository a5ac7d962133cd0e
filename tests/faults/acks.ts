import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';

/** The answers that clients received, and the oracle that checks them. */
export type Acks = {
  /** Writes down an answer before the client acts on it. */
  ack(key: string, id: string, status: number): void;
  /** The oracle's last line, and whether it exited with 0; its violations are printed. */
  verify(): { line: string; ok: boolean };
};

/** @param args of the oracle, which select the system */
export const keepAcks = (file: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): Acks => {
  writeFileSync(file, '');
  return {
    ack: (key, id, status) => appendFileSync(file, `${key} ${id} ${status}\n`),
    verify: () => {
      const oracle = spawnSync(process.execPath, ['tests/oracle/verify.ts', '--acks', file, ...args], {
        env,
        encoding: 'utf8',
      });
      const lines = `${oracle.stdout}${oracle.stderr}`.trim().split('\n');
      for (const line of lines.slice(0, -1)) console.log(`  ${line}`);
      return { line: lines.at(-1) ?? '', ok: oracle.status === 0 };
    },
  };
};

/** Makes the processor sandbox fail in some way; null ends that. */
export const injectFaultAt = async (url: string, key: string, fault: object | null): Promise<void> => {
  const answer = await fetch(`${url}/sandbox/faults`, {
    method: fault ? 'POST' : 'DELETE',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: fault && JSON.stringify(fault),
  });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}: ${await answer.text()}`);
};
