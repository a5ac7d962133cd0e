import type { Say } from '../../backup/progress.ts';
import { withTargets, type CopyValues } from '../copy/copy.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import { reportLines } from '../verify/verify.ts';
import { cutOverAll, undoCutOver } from './cut-over-all.ts';
import { finishMove } from './finish.ts';

export const CUT_OVER_HELP = `  cut-over                 verifies everything, stops POC-2's writes, applies
                           the last changes, and opens Payloom. Killed anywhere, the same command goes on.
                           Ends with 1 when anything differs
    --undo                 POC-2 takes writes again; only before Payloom is open
  finish                   removes all that belongs to the move: there is no way back afterwards
    --force                also while programs are connected to POC-2's database`;

export const CUT_OVER_OPTIONS = { undo: { type: 'boolean' }, force: { type: 'boolean' } } as const;

export type CutOverValues = CopyValues & { undo?: boolean; force?: boolean };

/** `npm run poc2 -- cut-over` */
export const cutOver = async (url: string, { stack, undo }: CutOverValues, say: Say): Promise<number> => {
  if (undo) {
    await undoCutOver(url);
    say('POC-2 takes writes.');
    return 0;
  }
  return withTargets({ stack, canRun: false }, async (targets) => {
    const report = await cutOverAll({ url, targets, mappings: MAPPINGS, say });
    if (report.verified) reportLines(report.verified).forEach(say);
    if (report.outcome === 'different') {
      say('Nothing was cut over.');
      return 1;
    }
    if (report.withoutWritesMs !== null)
      say(`No writes for ${(report.withoutWritesMs / 1_000).toFixed(2)} s.`);
    const system = stack === undefined ? '' : ` --stack ${stack}`;
    say(`Now: npm run copies -- rebuild${system}, for realtime's copy of the users, which POC-2 has none of`);
    say('Payloom is open. The way back: npm run poc2 -- back-out; its end: npm run poc2 -- finish');
    return 0;
  });
};

/** `npm run poc2 -- finish` */
export const finish = (url: string, { stack, force }: CutOverValues, say: Say): Promise<number> =>
  withTargets({ stack, canRun: true }, async (targets) => {
    const wasThere = await finishMove(url, targets, { force: force === true });
    say(wasThere ? 'The move is finished. The old ids are still known.' : 'There is nothing to finish.');
    return 0;
  });
