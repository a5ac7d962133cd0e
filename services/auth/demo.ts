import type { Service } from '../../broker/process/service.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Role } from '../../shared/contracts/roles.ts';

const DAY_MS = 86_400_000;
const PASSWORD = 'TestPassword123!';

/** The banner shows the first three; the other vendors are payees to search for and pay. */
const PEOPLE: readonly (readonly [email: string, name: string, role: Role, daysAgo: number])[] = [
  ['admin@example.com', 'Alex Admin', 'ADMIN', 200],
  ['vendor@example.com', 'Vera Vendor', 'VENDOR', 190],
  ['customer@example.com', 'Carl Customer', 'CUSTOMER', 185],
  ['bakery@example.com', 'Corner Bakery', 'VENDOR', 180],
  ['books@example.com', 'Paper & Ink Books', 'VENDOR', 175],
  ['tokyo@example.com', 'Tokyo Tea House', 'VENDOR', 170],
];

export const DEMO_BANNER = [
  '  Sign in as     customer@example.com, vendor@example.com or admin@example.com',
  `  Password       ${PASSWORD}`,
] as const;

/** Creates accounts to try the platform with, each on its own day; existing accounts stay unchanged. */
export const createDemoAccounts = async (
  service: Pick<Service, 'call' | 'clock'>,
  at: (timeMs: number) => void,
): Promise<void> => {
  const nowMs = service.clock.nowMs();
  for (const [email, name, role, daysAgo] of PEOPLE) {
    const { user } = await service.call(auth.actions.findUser, { email });
    if (user) continue;
    at(nowMs - daysAgo * DAY_MS);
    await service.call(auth.actions.createUser, { email, name, role, password: PASSWORD });
  }
  at(nowMs);
};
