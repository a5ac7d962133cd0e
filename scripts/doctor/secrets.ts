import { existsSync, statSync } from 'node:fs';
import { readConfig, type Env } from '../../broker/process/config.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { fine, wrong, type Finding } from './finding.ts';

const OTHERS = 0o077;

/** Files with secrets must be readable by their owner only. Those that do not exist are left out. */
export const checkFileModes = (paths: readonly string[]): Finding[] =>
  paths.filter(existsSync).map((path) => {
    const mode = statSync(path).mode & 0o777;
    return (mode & OTHERS) === 0
      ? fine('secrets', `Only its owner can read ${path}.`)
      : wrong('secrets', `Others can read ${path} (mode ${mode.toString(8)}).`, `chmod 600 ${path}`);
  });

/** Secrets and settings of services, as they check them at their start. */
export const checkSettings = (definitions: readonly AnyServiceDefinition[], env: Env): Finding[] =>
  definitions.flatMap(({ contract, config }) => {
    const about = `settings of ${contract.service}`;
    const { problems } = readConfig(config, env);
    if (problems.length === 0) return [fine(about, 'They are complete.')];
    return problems.map((problem) =>
      wrong(about, `${problem}.`, 'Set it; .env.example explains the variables.'),
    );
  });
