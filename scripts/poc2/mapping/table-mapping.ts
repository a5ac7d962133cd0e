import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { SettingKey } from '../../../shared/contracts/admin/settings.ts';

/** The databases that are filled, by the service that owns each. */
export type TargetDatabase = 'auth' | 'payments' | 'profile' | 'admin';

/**
 * A value of a column, in one form whatever the column's type: times as ISO text with milliseconds and `Z`,
 * bytea as `\x` and hex digits, json and jsonb as JSON text, text[] as a list. Whole numbers are exact.
 */
export type Value = string | number | boolean | null | readonly string[];

/**
 * A row to write. All rows of a table name the same columns; the others keep their defaults and are not
 * compared.
 */
export type TargetRow = { database: TargetDatabase; table: string; values: Record<string, Value> };

/** What is unusual in a source row, and whether the row was mapped all the same. */
export type Irregularity = {
  kind: string;
  table: SourceTable;
  id: string;
  /** For people; holds no secret. */
  detail: string;
  outcome: 'mapped' | 'refused';
};

/** Without rows when the source row is refused, or when there is nothing to carry over. */
export type Mapped = { rows: TargetRow[]; irregularities: Irregularity[] };

/** What must not be guessed. Without the option, a row that needs it is refused. */
export type MappingOptions = {
  /** Payments that are pending or processing: cancel them, or keep them open. */
  open: 'cancel' | 'keep' | null;
  /** Users whose e-mail address an older one has, in whatever spelling: put a suffix before the `@`. */
  equalEmails: 'suffix' | null;
  /** Amounts with parts of a minor unit: round them, half away from zero. */
  fractions: 'round' | null;
  /** Negative amounts: exchange payer and payee. */
  negative: 'swap' | null;
  /** Payments without recipient, because the user was deleted: they get a deleted user as payee. */
  noRecipient: 'deleted-user' | null;
  /** Times in the future. */
  future: 'keep' | null;
  /** Texts that are too long: cut them. */
  long: 'cut' | null;
  /** Fields of profiles that have no usable value for Payloom, such as a telephone number without country. */
  unusable: 'drop' | null;
  /** Rows of system_config that are no setting here: keep each as an entry of the audit log. */
  config: 'audit' | null;
  /** Keys of those rows whose values go there too. */
  configValues: readonly string[];
  /** Currencies by what the source has in their place. */
  currencies: Readonly<Record<string, Currency>>;
  /** Settings by their keys in system_config. */
  settings: Readonly<Record<string, SettingKey>>;
};

/** What mapping needs besides the row. The same for a copy, its resumption and its verification. */
export type MappingContext = {
  options: MappingOptions;
  /** When the copy began: a token that expired before is not kept. */
  nowMs: number;
  /** What is later is in the future. Grows while changes are followed. */
  latestMs: number;
  /** Ids of users whose e-mail address another user gets (`readEqualEmails`). */
  equalEmails: ReadonlySet<string>;
  /** PaymentIntents that an open payment and another payment name (`readSharedIntents`). */
  sharedIntents: ReadonlySet<string>;
};

export type SourceTable =
  'users' | 'refresh_tokens' | 'payments' | 'audit_logs' | 'system_config' | 'user_profiles';

/**
 * How the rows of a source table are read and mapped. Rows come from
 * `select … ${select} where ${key} > $1 order by ${key} limit n`, and have their key as `id`.
 */
export type TableMapping<Row extends { id: string } = never> = {
  table: SourceTable;
  /** `select … from … join …`, without `where`. All columns are text or null, so that COPY may read them. */
  select: string;
  /** The column of the key, as `where` and `order by` name it. */
  key: string;
  /** The target tables that it fills, in an order in which references hold. */
  targets: readonly { database: TargetDatabase; table: string }[];
  map(row: Row, context: MappingContext): Mapped;
};
