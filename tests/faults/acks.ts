import { spawnSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';

/** What clients were promised, and the oracle that is asked about it. */
export type Acks = {
  /** Writes an answer as a client saw it, before the client acts on it. */
  ack(key: string, id: string, status: number): void;
  /** The oracle's last line and exit code; its violations are printed. */
  verify(): { line: string; ok: boolean };
};

/** @param args what tells the oracle where to look */
export const keepAcks = (file: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): Acks => {
  writeFileSync(file, '');
  return {
    ack: (key, id, status) => appendFileSync(file, `${key} ${id} ${status}\n`),
    verify: () => {
      const asked = spawnSync(process.execPath, ['tests/oracle/verify.ts', '--acks', file, ...args], {
        env,
        encoding: 'utf8',
      });
      const lines = `${asked.stdout}${asked.stderr}`.trim().split('\n');
      for (const line of lines.slice(0, -1)) console.log(`  ${line}`);
      return { line: lines.at(-1) ?? '', ok: asked.status === 0 };
    },
  };
};

/** Tells the processor sandbox to misbehave; null ends it. */
export const misbehaveAt = async (url: string, key: string, fault: object | null): Promise<void> => {
  const answer = await fetch(`${url}/sandbox/faults`, {
    method: fault ? 'POST' : 'DELETE',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: fault && JSON.stringify(fault),
  });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}: ${await answer.text()}`);
};
