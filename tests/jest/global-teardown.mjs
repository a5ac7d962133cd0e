import { removeEmbeddedPostgres } from '../../broker/postgres/embedded.ts';

export default async function globalTeardown() {
  const started = globalThis.payloomTestPostgres;
  if (started !== undefined) await removeEmbeddedPostgres(started.dataFolder);
}
