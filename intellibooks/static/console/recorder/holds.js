/** What a recording holds on to: the one place of the browser, and a screen that stays awake. */

const LOCK = "intellibooks-recorder";

/** A function that gives it back; null where another tab holds it. */
export function takePlace() {
  return new Promise((resolve, reject) => {
    const hold = (lock) => (lock ? new Promise((release) => resolve(release)) : resolve(null));
    navigator.locks.request(LOCK, { ifAvailable: true }, hold).catch(reject);
  });
}

export async function isPlaceTaken() {
  const { held } = await navigator.locks.query();
  return held.some((lock) => lock.name === LOCK);
}

/** Keeps the screen awake while the page is looked at; a function that ends it. */
export function stayAwake() {
  let lock = null;
  let isOver = false;
  const ask = async () => {
    if (isOver || document.hidden) return;
    // A wish: a machine that saves its battery says no.
    lock = await navigator.wakeLock?.request("screen").catch(() => null);
    if (isOver) lock?.release();
  };
  document.addEventListener("visibilitychange", ask);
  ask();
  return () => {
    isOver = true;
    document.removeEventListener("visibilitychange", ask);
    lock?.release();
  };
}
