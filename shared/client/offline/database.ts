/** The database of kept answers, with their key: deleting it deletes both. */
export const KEPT_DATABASE = 'payloom-kept';
