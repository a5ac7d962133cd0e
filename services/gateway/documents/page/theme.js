// Runs before the first paint, so that the theme that the pages have saved never comes late.
try {
  const theme = localStorage.getItem('payloom-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden: the system's theme it is.
}
