import type { Browser, BrowserContext, CDPSession, Page } from 'playwright';

/** 1.6 Mbit/s, 150 ms round trip, a CPU four times slower. */
const NETWORK = { latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000, offline: false };
const CPU_SLOWDOWN = 4;

/** Where a user is signed in already. */
export type Site = { url: string; state: Awaited<ReturnType<BrowserContext['storageState']>> };

/** A profile of a phone, signed in or not. */
export const phoneOf = (browser: Browser, site: Site, signedIn: boolean): Promise<BrowserContext> =>
  browser.newContext({
    viewport: { width: 412, height: 823 },
    deviceScaleFactor: 1.75,
    isMobile: true,
    hasTouch: true,
    ...(signedIn ? { storageState: site.state } : {}),
  });

/** Makes a page as slow as it is on a phone. */
export const slowDown = async (page: Page): Promise<CDPSession> => {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', NETWORK);
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN });
  return session;
};
