import type { Experience, PageFigures, VitalFigure } from '../../shared/contracts/analytics.ts';

const vital = (p75: number, rating: VitalFigure['rating']): VitalFigure => ({ p75, samples: 310, rating });

const page = (name: string, over: Partial<PageFigures> = {}): PageFigures => ({
  page: name,
  views: 1_310,
  lcp: vital(1_840, 'good'),
  inp: vital(240, 'needs-improvement'),
  cls: vital(0.02, 'good'),
  ttfb: vital(2_100, 'poor'),
  callsPerView: 2.4,
  waterfallsPerView: 0.5,
  repeatsPerView: 0,
  errors: 0,
  ...over,
});

/** Figures of every kind, as users' browsers could have measured them. */
export const EXPERIENCE: Experience = {
  fromDay: '2026-11-03',
  toDay: '2026-11-30',
  pages: [page('/payments'), page('/sign-in', { inp: { p75: null, samples: 0, rating: null }, errors: 3 })],
  routes: [
    { action: 'payments.create', calls: 40, p75Ms: 180, p95Ms: 1_400, refused: 2, failed: 1 },
    { action: 'payments.list', calls: 900, p75Ms: 42, p95Ms: 90, refused: 0, failed: 0 },
  ],
  sockets: { connects: 280, connectP75Ms: 240, drops: 4, downMs: 9_000 },
  offline: { times: 1, totalMs: 42_000 },
};
