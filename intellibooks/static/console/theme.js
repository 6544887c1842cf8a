/* A classic script in the head, so that the page is never painted in the wrong theme. */
(() => {
  let theme = null;
  try {
    theme = JSON.parse(localStorage.getItem("studio.theme"));
  } catch {
    /* nothing remembered: as the system says */
  }
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
})();
