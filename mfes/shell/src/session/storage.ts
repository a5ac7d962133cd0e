/** A browser may forbid storage; what is kept here is a convenience, so that is no error. */
export const recall = (key: string): string | null => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

export const remember = (key: string, value: string | null): void => {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Forbidden: nothing is remembered.
  }
};

/** A value that all tabs share; where storage is forbidden, this page's own. */
export const sharedValue = (key: string): { read(): string; write(value: string): void } => {
  let own = '';
  return {
    read: () => recall(key) ?? own,
    write: (value) => {
      own = value;
      remember(key, value);
    },
  };
};
