/** Characters. */
export const BIOGRAPHY_MAX = 500;
