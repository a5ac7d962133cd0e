/** `?remote=name@version`, taken out of the address before anything else reads it; null without one. */
const take = (): string | null => {
  const url = new URL(location.href);
  const given = url.searchParams.get('remote');
  if (given === null) return null;
  url.searchParams.delete('remote');
  history.replaceState(history.state, '', url);
  return given;
};

export const askedOverride = take();
