/** Where the reader is, kept while the rows are made anew. */

/** The first row on the screen, by its time: keys change when the final transcript replaces a draft. */
export function rememberPlace(scroller, rows) {
  if (scroller.scrollTop === 0) return null;
  const top = scroller.getBoundingClientRect().top;
  const row = rows.find((candidate) => candidate.element.getBoundingClientRect().bottom > top);
  return row
    ? { ms: row.segment.start_ms, offset: row.element.getBoundingClientRect().top - top }
    : null;
}

export function restorePlace(scroller, row, place) {
  if (!row) return;
  row.element.scrollIntoView({ block: "start" });
  scroller.scrollTop -= place.offset;
}
