import { processEnv } from '../../../broker/process/config.ts';

/**
 * How often a test kills: `POC2_KILLS=20 npm run jest -- scripts/poc2/follow/follow.test.ts` kills more often
 * than usual, and prints what came of it.
 */
export const killsOf = (usual: number): number => Number(processEnv()['POC2_KILLS'] || usual);

/** Prints the figures of a run that kills more often. */
export const printKills = (text: string): void => {
  if (processEnv()['POC2_KILLS']) process.stdout.write(`${text}\n`);
};
