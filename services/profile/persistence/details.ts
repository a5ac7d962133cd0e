import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Details } from '../../../shared/contracts/profile/details.ts';

const COLUMNS = `phone, address_line1 as "addressLine1", address_line2 as "addressLine2",
  postal_code as "postalCode", city, country, biography, version`;

/** A user's stored personal data, or null. */
export const findDetails = async (db: Queryable, userId: UserId): Promise<Details | null> => {
  const [row] = await db.query<Details>(`select ${COLUMNS} from details where user_id = $1`, [userId]);
  return row ?? null;
};

/**
 * Stores personal data in place of the version before.
 * @returns false when another version is stored by now
 */
export const saveVersion = async (
  tx: Transaction,
  userId: UserId,
  next: Details,
  at: Date,
): Promise<boolean> => {
  const { phone, addressLine1, addressLine2, postalCode, city, country, biography, version } = next;
  const saved = await tx.query(
    `insert into details (user_id, phone, address_line1, address_line2, postal_code, city, country, biography,
       version, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (user_id) do update set phone = $2, address_line1 = $3, address_line2 = $4, postal_code = $5,
       city = $6, country = $7, biography = $8, version = $9, updated_at = $10
     where details.version = $9 - 1
     returning user_id`,
    [userId, phone, addressLine1, addressLine2, postalCode, city, country, biography, version, at],
  );
  return saved.length > 0;
};
