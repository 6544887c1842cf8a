/** What tells others of itself, as an EventTarget does, with less around it. */
export class Emitter extends EventTarget {
  /** `run(detail)` at each event of that type, until `signal` is aborted. */
  on(type, run, signal) {
    this.addEventListener(type, (event) => run(event.detail), { signal });
  }

  emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
