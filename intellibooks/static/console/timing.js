/** Work that is repeated while a page is looked at, and work that waits for the end of the typing. */

export function every(milliseconds, run, signal) {
  const timer = setInterval(() => document.hidden || run(), milliseconds);
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** A function that runs `run` when it has not been called for that long. */
export function debounce(milliseconds, run) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };
}
