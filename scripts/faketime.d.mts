/** Where Debian puts the library that gives a process another clock; null when it is not installed. */
export declare const findFaketime: () => string | null;
