// Runs before the first paint, so that a chosen theme never flashes in the other one; a file, since the CSP forbids inline.
try {
  const theme = localStorage.getItem('payloom-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden: the system's theme it is.
}
