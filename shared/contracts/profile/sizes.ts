/** Characters. */
export const BIOGRAPHY_MAX = 500;
/** 5 MiB. */
export const AVATAR_MAX_BYTES = 5 * 1024 * 1024;
