import { searchedText } from '../../../services/admin/persistence/people.ts';
import { ANONYMOUS_NAME, anonymousEmail } from '../../../services/auth/domain/accounts/anonymous.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { userIdOf } from './people.ts';
import type { MappingContext, TargetRow } from './table-mapping.ts';
import { NO_PASSWORD } from './users.ts';

const DELETED = { id: 'deleted', created_at: '2000-01-01T00:00:00.000Z' };

/** The payee of payments whose recipient was deleted. */
export const deletedUserId = (): UserId => userIdOf(DELETED);

/** Rows that come from no row of the source: they are written first, once. */
export const fixedRows = ({ options }: Pick<MappingContext, 'options'>): TargetRow[] => {
  if (options.noRecipient !== 'deleted-user') return [];
  const id = deletedUserId();
  const person = { email: anonymousEmail(id.slice(id.indexOf('_') + 1)), name: ANONYMOUS_NAME };
  const copy = { id, ...person, role: 'VENDOR', status: 'deleted', version: 1 };
  const { created_at: at } = DELETED;
  return [
    {
      database: 'auth',
      table: 'users',
      values: {
        ...copy,
        password_hash: NO_PASSWORD,
        password_state: 'reset',
        created_at: at,
        updated_at: at,
      },
    },
    { database: 'payments', table: 'parties', values: copy },
    { database: 'admin', table: 'people', values: { ...copy, searched: searchedText(person) } },
  ];
};
