import { json } from 'node:stream/consumers';
import { declareEvents } from '../events/declare-events.ts';
import { checkTarget, targetsFor, type Target } from './check-target.ts';
import { writeDeadLetters, type KeptLetter } from './dead-letters.ts';
import { loadDatabase, migrateAt } from './load-database.ts';
import { deadLettersEntry, type Manifest } from './manifest.ts';
import { everyTwoSeconds, type Say } from './progress.ts';
import type { BackupFile } from './read-file.ts';
import { dropSealedKeys } from './signing-keys.ts';
import { placesOf, type Source } from './systems.ts';
import { sendUndelivered } from './undelivered.ts';

export type RestoreReport = {
  manifest: Manifest;
  /** Events put into queues, by subscriber. */
  sent: Record<string, number>;
  deadLetters: number;
  signingKeys: string;
};

/** Makes the tables as they were, fills them, and brings them to this program's version. */
const loadAll = async (targets: readonly Target[], file: BackupFile, say: Say): Promise<void> => {
  for (const { place, migrations, inFile } of targets) {
    say(`filling the database of ${place.service}`);
    await migrateAt(place, migrations, inFile.migrations);
    await loadDatabase(place, inFile, file, everyTwoSeconds(say));
    await migrateAt(place, migrations);
  }
};

/** Puts dead letters and undelivered events into the queues. */
const fillQueues = async ({ system }: Source, file: BackupFile, say: Say) => {
  const { model, login, definitions } = system;
  const dead = new Map<string, Set<string>>();
  let count = 0;
  if (model) await declareEvents(model, login, definitions);
  for (const { service } of file.manifest.rabbitmq?.deadLetters ?? []) {
    const letters = (await json(await file.read(deadLettersEntry(service)))) as KeptLetter[];
    if (model) await writeDeadLetters(model, login, service, letters);
    count += letters.length;
    dead.set(service, new Set(letters.flatMap(({ id }) => id ?? [])));
  }
  const sent = await sendUndelivered(
    system,
    (service) => dead.get(service) ?? new Set(),
    everyTwoSeconds(say),
  );
  return { sent, deadLetters: count };
};

/**
 * Fills an empty system, on which no process runs, from a checked file.
 * @param say prints a line of progress
 * @throws UsageError when the system is not empty or does not fit; it is unchanged then
 * @throws Error when something fails later, and the system is not whole
 */
export const restoreBackup = async (target: Source, file: BackupFile, say: Say): Promise<RestoreReport> => {
  const { manifest } = file;
  const { system, env } = target;
  const targets = targetsFor(manifest, system, placesOf(system.definitions, env));
  await checkTarget(manifest, system, targets);
  try {
    await loadAll(targets, file, say);
    const auth = targets.find(({ place }) => place.service === 'auth');
    const signingKeys = auth ? await dropSealedKeys(auth.place, env) : 'none';
    return { manifest, signingKeys, ...(await fillQueues(target, file, say)) };
  } catch (error) {
    throw new Error(`the restore did not finish: ${(error as Error).message}`, { cause: error });
  }
};
