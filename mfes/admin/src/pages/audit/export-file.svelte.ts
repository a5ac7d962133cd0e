import { requestOf } from '../../../../../shared/client/client.ts';
import type { Host } from '../../../../../shared/client/host.ts';
import { ProblemError, UnreachableError } from '../../../../../shared/client/problem.ts';
import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { Problem } from '../../../../../shared/contracts/errors.ts';
import type { AuditListParams } from './filters.ts';

const ACTIONS = { csv: admin.actions.exportAuditCsv, json: admin.actions.exportAuditJson } as const;
export type ExportKind = keyof typeof ACTIONS;

/** The answer's bytes; `onbytes` is called with how many have arrived. */
const bytesOf = async (response: Response, onbytes: (count: number) => void): Promise<BlobPart[]> => {
  const parts: BlobPart[] = [];
  let count = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done || value === undefined) return parts;
    parts.push(value);
    onbytes((count += value.length));
  }
};

const save = (parts: BlobPart[], type: string, name: string): void => {
  const href = URL.createObjectURL(new Blob(parts, { type }));
  const link = Object.assign(document.createElement('a'), { href, download: name });
  link.click();
  // The browser has begun to write the file by then.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
};

/** Exports what the filters find, as one file, with its progress. */
export const createExport = (host: Host) => {
  let running = $state.raw<{ kind: ExportKind; bytes: number } | null>(null);
  let error = $state.raw<unknown>(null);
  let asked = new AbortController();

  const download = async (kind: ExportKind, filters: AuditListParams): Promise<void> => {
    const { http } = ACTIONS[kind];
    const { signal } = asked;
    // The client renews the session where that is needed, which a plain request does not.
    await host.client.call(admin.actions.auditEntries, { ...filters, limit: 1 }, { signal });
    try {
      const response = await fetch(requestOf(http, filters).path, { signal, cache: 'no-store' });
      if (!response.ok) throw new ProblemError((await response.json()) as Problem);
      const parts = await bytesOf(response, (bytes) => (running = { kind, bytes }));
      save(parts, http.download.type, http.download.name);
    } catch (failure) {
      if (failure instanceof ProblemError || signal.aborted) throw failure;
      // The connection ends early when a part of the file could not be read.
      throw new UnreachableError('the export ended before its end', { cause: failure });
    }
  };

  return {
    get running() {
      return running;
    },
    get error() {
      return error;
    },
    start: async (kind: ExportKind, filters: AuditListParams): Promise<void> => {
      asked = new AbortController();
      const { signal } = asked;
      [running, error] = [{ kind, bytes: 0 }, null];
      try {
        await download(kind, filters);
        host.toast('success', 'The export is complete.');
      } catch (failure) {
        if (!signal.aborted) error = failure;
      }
      if (asked.signal === signal) running = null;
    },
    cancel: (): void => {
      asked.abort();
      running = null;
    },
    dismiss: (): void => {
      error = null;
    },
  };
};
