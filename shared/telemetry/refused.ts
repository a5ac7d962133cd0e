/**
 * Whether the browser itself says no to being measured: Do Not Track (https://www.w3.org/TR/tracking-dnt/) or
 * Global Privacy Control (https://www.w3.org/TR/gpc/).
 */
export const isRefusedByBrowser = (): boolean => {
  const { doNotTrack, globalPrivacyControl } = navigator as Navigator & { globalPrivacyControl?: boolean };
  return doNotTrack === '1' || globalPrivacyControl === true;
};
