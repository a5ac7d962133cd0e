/** Named filters of a table: its address with a query, without a page. */
export type SavedView = { name: string; path: string };

/** The views of one person, by the path of their table. */
type Stored = Record<string, SavedView[]>;

export const VIEWS_MAX = 12;
const VIEW_NAME_MAX = 40;

const keyOf = (userId: string): string => `payloom-views-${userId}`;

/** The path of the table that a view belongs to. */
export const tableOf = (path: string): string => path.split('?')[0] ?? path;

const isView = (value: unknown, table: string): value is SavedView => {
  const view = value as Partial<SavedView> | null;
  return typeof view?.name === 'string' && typeof view.path === 'string' && tableOf(view.path) === table;
};

const readAll = (userId: string): Stored => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Stored) : {};
  } catch {
    return {};
  }
};

/** The views of a table, in the order in which they were saved; what is damaged is left out. */
export const readViews = (userId: string, table: string): SavedView[] => {
  const views: unknown = readAll(userId)[table];
  return Array.isArray(views) ? views.filter((view) => isView(view, table)).slice(0, VIEWS_MAX) : [];
};

/** Stores the views of a table; returns whether this browser keeps them. */
export const writeViews = (userId: string, table: string, views: readonly SavedView[]): boolean => {
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify({ ...readAll(userId), [table]: views }));
    return true;
  } catch {
    return false;
  }
};

/** Whether a storage event of another tab is about the views of this person. */
export const isAboutViews = ({ key }: Pick<StorageEvent, 'key'>, userId: string): boolean =>
  key === null || key === keyOf(userId);

/** What is wrong with a name, as a sentence; an empty text when it can be used. */
export const nameProblem = (name: string, views: readonly SavedView[]): string => {
  if (name.trim() === '') return 'Give the view a name.';
  if (name.trim().length > VIEW_NAME_MAX) return `Use at most ${VIEW_NAME_MAX} characters.`;
  const isNew = !views.some((view) => view.name === name.trim());
  return isNew && views.length >= VIEWS_MAX ? `You have ${VIEWS_MAX} views here. Delete one first.` : '';
};

/** The views with one more; one of the same name is replaced where it stands. */
export const withView = (views: readonly SavedView[], view: SavedView): SavedView[] =>
  views.some(({ name }) => name === view.name)
    ? views.map((one) => (one.name === view.name ? view : one))
    : [...views, view];
