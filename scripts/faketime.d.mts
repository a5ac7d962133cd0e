/** The path of Debian's libfaketime, which changes a process's clock; null when it is not installed. */
export declare const findFaketime: () => string | null;
