import type { Host } from '../../../shared/client/host.ts';

/**
 * The shell's host with reactive values: the signed-in user and the locale. Call it while a component is
 * created.
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
