/**
 * What has been recorded and not yet been accepted by the service, kept in the browser: it
 * survives a reload, a crash of the tab and of the browser.
 *
 * recordings  {sessionId, title, startedAtMs, nextIndex, samples, isStopping, updatedAtMs}
 * slices      {sessionId, index, startedAtMs, samples, sha256, wav: ArrayBuffer}
 * tail        {sessionId, position, startedAtMs, pcm: Int16Array}: newer than the newest slice
 */

const NAME = "intellibooks-recorder";
const VERSION = 1;

const settle = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const complete = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });

/** All keys that begin with the session's id. */
const allOf = (sessionId) => IDBKeyRange.bound([sessionId, -Infinity], [sessionId, Infinity]);

function build(database) {
  database.createObjectStore("recordings", { keyPath: "sessionId" });
  database.createObjectStore("slices", { keyPath: ["sessionId", "index"] });
  database.createObjectStore("tail", { keyPath: ["sessionId", "position"] });
}

export class SliceStore {
  static async open() {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => build(request.result);
    const store = new SliceStore();
    store.database = await settle(request);
    return store;
  }

  close() {
    this.database.close();
  }

  /** Runs `work(...object stores)` in one transaction that is on disk when this resolves. */
  async write(names, work) {
    const transaction = this.database.transaction(names, "readwrite", { durability: "strict" });
    work(...names.map((name) => transaction.objectStore(name)));
    await complete(transaction);
  }

  read(name, ask) {
    return settle(ask(this.database.transaction(name).objectStore(name)));
  }

  saveRecording(recording) {
    return this.write(["recordings"], (rows) =>
      rows.put({ ...recording, updatedAtMs: Date.now() }),
    );
  }

  appendTail(block) {
    return this.write(["tail"], (rows) => rows.put(block));
  }

  /** The slice takes the place of its tail, and the recording knows it, at once or not at all. */
  saveSlice(slice, recording) {
    return this.write(["slices", "recordings", "tail"], (slices, recordings, tail) => {
      slices.put(slice);
      recordings.put({ ...recording, updatedAtMs: Date.now() });
      tail.delete(allOf(slice.sessionId));
    });
  }

  removeSlice(sessionId, index) {
    return this.write(["slices"], (rows) => rows.delete([sessionId, index]));
  }

  forget(sessionId) {
    return this.write(["recordings", "slices", "tail"], (recordings, slices, tail) => {
      recordings.delete(sessionId);
      slices.delete(allOf(sessionId));
      tail.delete(allOf(sessionId));
    });
  }

  listRecordings() {
    return this.read("recordings", (rows) => rows.getAll());
  }

  readRecording(sessionId) {
    return this.read("recordings", (rows) => rows.get(sessionId));
  }

  readSlice(sessionId, index) {
    return this.read("slices", (rows) => rows.get([sessionId, index]));
  }

  /** Indexes of the slices that wait, in order. */
  async listIndexes(sessionId) {
    const keys = await this.read("slices", (rows) => rows.getAllKeys(allOf(sessionId)));
    return keys.map(([, index]) => index);
  }

  listSlices(sessionId) {
    return this.read("slices", (rows) => rows.getAll(allOf(sessionId)));
  }

  /** In the order in which it was heard. */
  readTail(sessionId) {
    return this.read("tail", (rows) => rows.getAll(allOf(sessionId)));
  }
}
