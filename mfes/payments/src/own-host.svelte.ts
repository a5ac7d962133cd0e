import type { Host } from '../../../shared/client/host.ts';

/**
 * The shell's host with values that pages of this micro-frontend follow: who is signed in, and how dates and
 * amounts are written. Call it while a component is made.
 */
export const createOwnHost = (host: Host): Host => {
  let user = $state.raw(host.session.user());
  let locale = $state(host.locale);
  $effect.pre(() => {
    const stops = [
      host.on('session', () => (user = host.session.user())),
      host.on('preferences', () => (locale = host.locale)),
    ];
    return () => stops.forEach((stop) => stop());
  });
  return {
    ...host,
    session: { ...host.session, user: () => user },
    get locale() {
      return locale;
    },
  };
};
