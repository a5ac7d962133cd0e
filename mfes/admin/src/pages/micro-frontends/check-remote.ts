import type { RemoteFile, RemoteFiles } from '../../../../../shared/client/remote-files.ts';

/** What became of the files of one remote. */
export type RemoteCheck = {
  files: number;
  /** As they were sent, compressed. */
  sizeBytes: number;
  /** Until the last of them had arrived. */
  tookMs: number;
  /** Paths of files that are missing, or that are not what the manifest says. */
  broken: string[];
};

const TIMEOUT_MS = 20_000;

/** Both builds of the remote, each file once. */
const filesOf = ({ entry, integrity, modules, styles, native }: RemoteFiles): RemoteFile[] => {
  const files = [{ href: entry, integrity }, ...modules, ...styles];
  if (native) {
    files.push({ href: native.entry, integrity: native.integrity }, ...native.modules);
    files.push(...native.pages.flatMap((page) => page.modules));
  }
  return [...new Map(files.map((file) => [file.href, file])).values()];
};

const sentBytes = (href: string): number => {
  const url = new URL(href, location.href).href;
  const timing = performance.getEntriesByName(url, 'resource').at(-1) as
    PerformanceResourceTiming | undefined;
  return timing?.encodedBodySize ?? 0;
};

/** Loads all files of a remote past the browser's cache; the browser compares their hashes. */
export const checkRemote = async (remote: RemoteFiles): Promise<RemoteCheck> => {
  const files = filesOf(remote);
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const loaded = await Promise.allSettled(
    files.map(async ({ href, integrity }) => {
      const response = await fetch(href, { cache: 'reload', integrity, signal });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${href} answered ${response.status}`);
    }),
  );
  return {
    files: files.length,
    sizeBytes: files.reduce((sum, { href }) => sum + sentBytes(href), 0),
    tookMs: performance.now() - startedMs,
    broken: files.flatMap(({ href }, index) => (loaded[index]?.status === 'rejected' ? [href] : [])),
  };
};
