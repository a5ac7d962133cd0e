/**
 * The token of the one-time link that opened the page. It is removed from the address at once, so that it is
 * in no bookmark, history or shared screen; a link that is opened in the same tab later replaces it.
 */
export const createLinkToken = () => {
  let token = $state('');

  const take = (): void => {
    if (location.hash.length < 2) return;
    token = location.hash.slice(1);
    history.replaceState(history.state, '', location.pathname + location.search);
  };

  return {
    get value() {
      return token;
    },
    /** Reads the address, now and when its fragment changes; returns the function that stops it. */
    follow(): () => void {
      take();
      addEventListener('hashchange', take);
      return () => removeEventListener('hashchange', take);
    },
  };
};
