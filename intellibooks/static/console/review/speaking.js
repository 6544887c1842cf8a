/** What is being said now: the word lit up, its passage marked, the page following. */

const NOW = "word-now";
const HOVER = "word-hover";

export class Speaking {
  constructor(transcript, player) {
    Object.assign(this, { transcript, player, row: null, word: null });
    player.on("tick", () => this.update());
    transcript.on("changed", () => this.reset());
    transcript.on("hover", (detail) => this.showHover(detail));
  }

  reset() {
    this.row?.element.classList.remove("now");
    this.row = this.word = null;
    this.update();
  }

  update() {
    const { time, isPlaying } = this.player;
    const row = this.findRow(time);
    if (row !== this.row) this.changeRow(row, isPlaying);
    const word = row && (isPlaying || time > 0) ? findWord(row.words, time) : null;
    if (word === this.word) return;
    this.word = word;
    light(NOW, row, word);
  }

  /** Most ticks stay in the passage where they are, so that one is asked first. */
  findRow(time) {
    const ms = time * 1000;
    const at = this.at ?? -1;
    const rows = this.transcript.rows;
    const isSame =
      this.row &&
      rows[at] === this.row &&
      this.row.segment.start_ms <= ms &&
      (rows[at + 1]?.segment.start_ms ?? Infinity) > ms;
    if (isSame) return this.row;
    this.at = this.transcript.indexAt(time);
    return rows[this.at] || null;
  }

  changeRow(row, isPlaying) {
    this.row?.element.classList.remove("now");
    this.row = row;
    if (!row) return;
    row.element.classList.add("now");
    if (this.transcript.isFollowing && (isPlaying || this.player.time > 0))
      this.transcript.reveal(row);
    else this.transcript.onScroll();
  }

  showHover(target) {
    light(HOVER, target?.row, target?.word);
  }
}

function findWord(words, time) {
  const word = words.findLast((candidate) => candidate.start <= time + 0.02);
  return word && time < word.end + 0.6 ? word : null;
}

/** One range over a text node: no element is made for a word. */
function light(name, row, word) {
  if (!globalThis.CSS?.highlights) return; // an older browser marks the passage only
  if (!row || !word) return CSS.highlights.delete(name);
  CSS.highlights.set(
    name,
    new Highlight(
      new StaticRange({
        startContainer: row.text,
        startOffset: word.from,
        endContainer: row.text,
        endOffset: Math.min(word.to, row.text.length),
      }),
    ),
  );
}
