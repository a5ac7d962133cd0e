import type { Component } from 'svelte';
import type { Host } from '../../../shared/client/host.ts';
import type { PaymentLimits } from './live/public-settings.svelte.ts';
import type { ListAddress } from './lists.ts';
import type { ListPlace } from './pages/list/list-place.ts';

/** What every page gets: `id` is that of the payment in the path, `back` leads to the list as it was. */
export type PageProps = {
  host: Host;
  limits: PaymentLimits;
  search: URLSearchParams;
  address: ListAddress;
  place: ListPlace;
  id: string;
  back: string;
};

type PaymentsPage = {
  name: 'list' | 'pay' | 'report' | 'detail';
  pattern: RegExp;
  load: () => Promise<{ default: Component<PageProps> }>;
};

/** All pages of this remote, each loaded when it is opened. */
export const PAGES: readonly PaymentsPage[] = [
  {
    name: 'list',
    pattern: /^(?:\/admin)?\/payments$/,
    load: () => import('./pages/list/ListPage.svelte'),
  },
  { name: 'pay', pattern: /^\/payments\/new$/, load: () => import('./pages/pay/PayPage.svelte') },
  { name: 'report', pattern: /^\/reports$/, load: () => import('./pages/report/ReportPage.svelte') },
  {
    name: 'detail',
    pattern: /^(?:\/admin)?\/payments\/[^/]+$/,
    load: () => import('./pages/detail/DetailPage.svelte'),
  },
];
