import { auth } from '../../shared/contracts/auth/auth.ts';
import { startAdmin, type AdminApp } from './testing/start-admin.ts';

let app: AdminApp;
beforeAll(async () => {
  app = await startAdmin();
  await app.deliver(auth.events.userChanged, app.newUser());
  await app.handled();
  await app.sealed();
});
afterAll(() => app.stop());

const COLUMNS: Readonly<Record<string, string>> = {
  entry_people: 'entry_id',
  chain: 'position',
  checkpoints: 'position',
};
const PERMISSION_DENIED = '42501';

describe.each(['entries', 'entry_people', 'chain', 'checkpoints'])(
  'the role of the service may add to %s and read it',
  (table) => {
    it('reads it', async () => {
      expect(await app.service('admin').db.query(`select from ${table}`)).toHaveLength(1);
    });

    it.each([
      `update ${table} set id = id`,
      `delete from ${table}`,
      `truncate ${table}`,
      `drop table ${table}`,
      `alter table ${table} disable trigger all`,
      `create index on ${table} (id)`,
      `create rule none as on insert to ${table} do instead nothing`,
      `create trigger none before insert on ${table} execute function suppress_redundant_updates_trigger()`,
      'update migrations set run_at = now()',
      'create table mine (id text)',
    ])('is refused: %s', async (statement) => {
      const sql = statement.replaceAll(/\bid\b/g, COLUMNS[table] ?? 'id');
      await expect(app.service('admin').db.planned(sql)).rejects.toMatchObject({ code: PERMISSION_DENIED });
    });
  },
);
