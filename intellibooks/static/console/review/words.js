/** Words of a segment: where they stand in its text, and when they were said. Pure but for the caret. */

/**
 * `[{from, to, start, end}]`: characters of the text, seconds of the meeting. Words that the text
 * has and the engine has not (a correction) share the time between their neighbours.
 */
export function placeWords(segment) {
  const tokens = [...segment.text.matchAll(/\S+/g)].map((found) => ({
    from: found.index,
    to: found.index + found[0].length,
  }));
  const { words } = segment;
  if (words.length === tokens.length && words.length > 0) {
    return tokens.map((token, index) => ({
      ...token,
      start: words[index].start,
      end: words[index].end,
    }));
  }
  const begin = segment.start_ms / 1000;
  const span = Math.max(segment.end_ms - segment.start_ms, 1) / 1000;
  const size = Math.max(segment.text.length, 1);
  return tokens.map((token) => ({
    ...token,
    start: begin + (token.from / size) * span,
    end: begin + (token.to / size) * span,
  }));
}

/** The word at that character, or the nearest before it. */
export function wordAt(placed, offset) {
  return placed.findLast((word) => word.from <= offset) || placed[0];
}

/** Offset in the text under the pointer, or null. */
export function offsetAt(event, textNode) {
  const { clientX: x, clientY: y } = event;
  if (document.caretPositionFromPoint) {
    const caret = document.caretPositionFromPoint(x, y);
    return caret?.offsetNode === textNode ? caret.offset : null;
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range?.startContainer === textNode ? range.startOffset : null;
}
