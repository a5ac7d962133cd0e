/** What one check has found, in plain words. */
export type Finding = {
  /** For example `disk` or `database of auth`. */
  about: string;
  ok: boolean;
  /** A sentence: how it is. */
  text: string;
  /** What to do; only where something is wrong. */
  remedy?: string;
};

export const fine = (about: string, text: string): Finding => ({ about, ok: true, text });

export const wrong = (about: string, text: string, remedy: string): Finding => ({
  ...{ about, ok: false, text, remedy },
});

/** The findings of a check; a check that fails is a finding too. */
export const runCheck = async (
  about: string,
  check: () => Promise<Finding[]> | Finding[],
): Promise<Finding[]> => {
  try {
    return await check();
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return [wrong(about, `It could not be checked: ${message || code}`, 'Mend this, then run doctor again.')];
  }
};

const seconds = (ms: number): string => `${(Math.abs(ms) / 1_000).toFixed(1)} s`;

/** Compares a clock with that of this machine. @param offsetMs how far it is ahead */
export const clockFinding = (about: string, offsetMs: number, limitMs: number): Finding =>
  Math.abs(offsetMs) <= limitMs
    ? fine(about, 'Its clock agrees with that of this machine.')
    : wrong(
        about,
        `Its clock is ${seconds(offsetMs)} ${offsetMs > 0 ? 'ahead of' : 'behind'} that of this machine.`,
        'Synchronize both machines with a time server (chrony or systemd-timesyncd).',
      );
