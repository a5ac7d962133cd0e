import { systemClock } from '../../../broker/process/clock.ts';
import type { Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import { withBoth } from '../copy/copy.ts';
import { connectToSource } from '../copy/source.ts';
import { backOutAll, type BackOutReport } from './back-out-all.ts';

export const BACK_OUT_HELP = `  back-out                 until finish: takes what was written in Payloom since
                           the cut-over back into POC-2, verifies it, and lets POC-2
                           write again. All processes of Payloom must be stopped
    --open keep            payments on which the processor still works go back as they are
    --undelivered leave    events that were not delivered yet stay behind
    --leave ID             a payment or user of Payloom that stays behind; repeatable`;

export const BACK_OUT_OPTIONS = {
  leave: { type: 'string', multiple: true },
  undelivered: { type: 'string' },
} as const;

export type BackOutValues = { stack?: string; open?: string; leave?: string[]; undelivered?: string };

const SHOWN = 20;

const firstOf = (texts: readonly string[], count: number): string[] => [
  ...texts.slice(0, SHOWN).map((text) => `  ${text}`),
  ...(count > SHOWN ? [`  and ${count - SHOWN} more`] : []),
];

const reportLines = ({
  outcome,
  counts,
  problems,
  remarks,
  differences,
  seconds,
}: BackOutReport): string[] => {
  if (outcome === 'done before') return ['Everything went back before; POC-2 takes writes.'];
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (outcome === 'refused')
    return [
      ...firstOf(
        problems.map(({ id, detail }) => `${id}: ${detail}`),
        problems.length,
      ),
      `Refused: ${problems.length}. Nothing was written, and POC-2 still takes no writes`,
    ];
  if (outcome === 'different')
    return [
      ...firstOf(differences.shown, differences.count),
      `Differences: ${differences.count}. Nothing was written, and POC-2 still takes no writes`,
    ];
  return [
    ...[...counts].map(([key, count]) => `  ${key}: ${count}`),
    ...remarks.map((text) => `  ${text}`),
    `Wrote ${rows} rows back and verified them in ${seconds.toFixed(1)} s. POC-2 takes writes again`,
  ];
};

const choiceOf = (name: string, given: string | undefined, choice: string): boolean => {
  if (given !== undefined && given !== choice) throw new UsageError(`--${name} takes ${choice} here.`);
  return given === choice;
};

/** `npm run poc2 -- back-out`: 1 where something cannot go back, or is not the same there. */
export const backOut = (url: string, values: BackOutValues, say: Say): Promise<number> => {
  const keepOpen = choiceOf('open', values.open, 'keep');
  const leaveEvents = choiceOf('undelivered', values.undelivered, 'leave');
  return withBoth(url, { stack: values.stack, canRun: false }, async (before, targets) => {
    const source = await connectToSource(url);
    try {
      const report = await backOutAll({
        ...{ before, source, targets, keepOpen, leaveEvents, say },
        ...{ leave: values.leave ?? [], nowMs: systemClock.nowMs() },
      });
      reportLines(report).forEach(say);
      return report.outcome === 'done' || report.outcome === 'done before' ? 0 : 1;
    } finally {
      await source.close();
    }
  });
};
