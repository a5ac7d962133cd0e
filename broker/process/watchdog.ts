import { spawn } from 'node:child_process';
import { processEnv } from './config.ts';
import type { Logger } from './logger.ts';

const BEATS_IN_LIMIT = 6;
/** Of the limit: a second chance for a process that was stopped together with its watchdog. */
const LAST_CHANCE = 0.25;

/** bash, because it can wait for input for a limited time and takes 2 MB. It ends with its input. */
const SCRIPT = `
while :; do
  IFS= read -r -t "$1"; status=$?
  if [ $status -gt 128 ]; then IFS= read -r -t "$2"; status=$?; fi
  [ $status -eq 0 ] || break
done
[ $status -gt 128 ] || exit 0
printf '%s\\n' "$3" >&2
kill -KILL "$PPID"`;

/**
 * Ends this process with SIGKILL when its event loop stands still for `limitMs`: others see that its
 * connections have closed, where a process that is stopped or busy would keep them waiting. What runs the
 * process starts it again. A watchdog as systemd's WatchdogSec is one, for every kind of orchestrator.
 */
export const startWatchdog = (limitMs: number, log: Pick<Logger, 'warn'>): void => {
  const message = `the event loop of this process stood still for ${limitMs} ms: the process is killed`;
  const line = JSON.stringify({ level: 60, name: 'watchdog', msg: message });
  const seconds = [limitMs * (1 - LAST_CHANCE), limitMs * LAST_CHANCE].map((ms) => String(ms / 1_000));
  // bash takes the pipe for a remote shell's and would read its start files.
  const watchdog = spawn('bash', ['--norc', '-c', SCRIPT, 'watchdog', ...seconds, line], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { PATH: processEnv()['PATH'] ?? '' },
  });
  const beat = setInterval(() => watchdog.stdin.write('\n'), limitMs / BEATS_IN_LIMIT);
  beat.unref();
  const end = (reason: Error) => {
    clearInterval(beat);
    log.warn({ err: reason }, 'without a watchdog a process that stands still is not noticed; it needs bash');
  };
  watchdog.once('error', end);
  watchdog.stdin.once('error', () => clearInterval(beat));
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
};
