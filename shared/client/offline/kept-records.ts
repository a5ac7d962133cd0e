import { KEPT_DATABASE } from './database.ts';

/** The records of one transaction, by key. */
export type Records = {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<unknown>;
  remove(key: string): Promise<unknown>;
  entries(): Promise<[string, unknown][]>;
  clear(): Promise<unknown>;
};

/**
 * Runs the work in one transaction over all tabs. It may wait for its records only: waiting for anything else
 * would end the transaction. Where there is no database it makes one if `create` is set.
 * @throws whatever the browser does: storage may be forbidden, full or, without `create`, not there
 */
export type Transact = <T>(work: (records: Records) => Promise<T>, create?: boolean) => Promise<T>;

const STORE = 'kept';

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'));
  });

const open = (create: boolean): Promise<IDBDatabase> => {
  const request = indexedDB.open(KEPT_DATABASE);
  request.onupgradeneeded = () => {
    if (create) request.result.createObjectStore(STORE);
    else request.transaction?.abort();
  };
  return settled(request);
};

const recordsOf = (store: IDBObjectStore): Records => ({
  get: (key) => settled<unknown>(store.get(key)),
  put: (key, value) => settled(store.put(value, key)),
  remove: (key) => settled(store.delete(key)),
  entries: async () => {
    const [keys, values] = await Promise.all([settled(store.getAllKeys()), settled(store.getAll())]);
    return keys.map((key, index): [string, unknown] => [String(key), values[index]]);
  },
  clear: () => settled(store.clear()),
});

/** Over IndexedDB. Open only while it works: an open database would hold up its deletion by another tab. */
export const transact: Transact = async (work, create = false) => {
  const database = await open(create);
  database.onversionchange = () => database.close();
  try {
    const transaction = database.transaction(STORE, 'readwrite');
    const committed = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was ended'));
    });
    const [result] = await Promise.all([work(recordsOf(transaction.objectStore(STORE))), committed]);
    return result;
  } finally {
    database.close();
  }
};
