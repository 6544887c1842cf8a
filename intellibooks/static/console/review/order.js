/** Finding a place in what is in order. */

/** Index of the last item that begins at or before `seconds`, -1 before the first. */
export function findLast(items, seconds, startOf) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startOf(items[middle]) <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
