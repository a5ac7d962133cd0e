import type { Page } from '@playwright/test';

/**
 * What pages have stored, as text: every record of every IndexedDB database (bytes as latin1), local and
 * session storage.
 */
export const storedTexts = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('unreadable'));
      });
    const latin1 = (data: ArrayBuffer): string => new TextDecoder('latin1').decode(data);
    const texts: string[] = [];
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const reading = database.transaction(store).objectStore(store);
        texts.push(JSON.stringify(await done(reading.getAllKeys())));
        for (const record of (await done(reading.getAll())) as Record<string, unknown>[]) {
          texts.push(JSON.stringify(record));
          if (record['data'] instanceof ArrayBuffer) texts.push(latin1(record['data']));
        }
      }
      database.close();
    }
    return [...texts, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join('\n');
  });

/** All addresses and answers in Cache Storage. */
export const cachedTexts = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const texts: string[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        texts.push(request.url, (await (await cache.match(request))?.text()) ?? '');
      }
    }
    return texts.join('\n');
  });

/** The kept answers, decrypted with the key that lies beside them; '' where there is no key any more. */
export const decryptedTexts = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('unreadable'));
      });
    const names = (await indexedDB.databases()).map(({ name }) => name);
    if (!names.includes('payloom-kept')) return '';
    const database = await done(indexedDB.open('payloom-kept'));
    const store = database.transaction('kept').objectStore('kept');
    const [keys, records] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    database.close();
    type Kept = { key?: CryptoKey; iv: Uint8Array<ArrayBuffer>; data: ArrayBuffer };
    const all = records as Kept[];
    const key = all.find((record) => record.key)?.key;
    if (key === undefined) return '';
    const texts = all.map(async ({ iv, data }, index) => {
      if (data === undefined) return '';
      const additionalData = new TextEncoder().encode(String(keys[index]));
      const algorithm = { name: 'AES-GCM', iv, additionalData };
      return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, data));
    });
    return (await Promise.all(texts)).join('\n');
  });
