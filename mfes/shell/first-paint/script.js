// Runs before the first paint, inside the page: the saved theme, and the skeleton of the page to come.
(() => {
  const recall = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // Storage may be forbidden: the system's theme it is.
    }
  };
  const { dataset } = document.documentElement;
  const theme = recall('payloom-theme');
  if (theme === 'light' || theme === 'dark') {
    dataset.theme = theme;
    // The browser's own frame has the colour of the chosen theme, not that of the system's.
    document.querySelectorAll('[name=theme-color]').forEach((meta) => {
      meta.media = meta.media.includes(theme) ? 'all' : 'not all';
    });
  }
  const isSignedIn = recall('payloom-signed-in') !== null;
  const isForm = !isSignedIn || location.pathname === '/settings/password';
  dataset.first = isForm ? 'form' : 'page';
  setTimeout(() => (dataset.late = ''), 10_000);
})();
