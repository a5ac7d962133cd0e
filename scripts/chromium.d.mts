/** Path of a Chromium on this machine, CHROMIUM_PATH first, or null. */
export declare const findChromium: (env?: Readonly<Record<string, string | undefined>>) => string | null;
