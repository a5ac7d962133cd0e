/** Where browsers send what they measured, and the most samples of one batch. */
export const RECORD_PATH = '/api/analytics';
export const SAMPLES_MAX = 100;
