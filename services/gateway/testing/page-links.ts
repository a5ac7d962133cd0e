/** The ids of a page, in its order, and the links within it that lead to none of them. */
export const linksOf = (page: string): { ids: (string | undefined)[]; dangling: (string | undefined)[] } => {
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
  return { ids, dangling: targets.filter((target) => !ids.includes(target)) };
};
