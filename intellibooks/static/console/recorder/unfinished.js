/** Recordings that were not ended: found again, discarded, saved as a file. */

import { encodeWav, join, readSamples, toMs } from "./wav.js";

/**
 * `[{sessionId, title, startedAtMs, recordedMs, waitingMs, isStopping, canContinue}]`, the newest
 * first; `canContinue` is null where the service does not answer. Those that it has ended, and
 * has whole, are forgotten.
 */
export async function findUnfinished(store, service) {
  const found = [];
  const recordings = await store.listRecordings();
  for (const recording of recordings.filter((row) => !row.isDiscarded)) {
    const entry = await describe(store, service, recording);
    if (entry) found.push(entry);
    else await store.forget(recording.sessionId);
  }
  store.close();
  return found.sort((one, other) => other.startedAtMs - one.startedAtMs);
}

async function describe(store, service, recording) {
  const { sessionId, title, startedAtMs, isStopping, samples } = recording;
  const tail = sum(await store.readTail(sessionId), (row) => row.pcm.length);
  const waiting = tail + sum(await store.listSlices(sessionId), (slice) => slice.samples);
  const state = await readState(service, sessionId);
  if (state.isOver && waiting === 0) return null;
  return {
    sessionId,
    title: state.title || title,
    startedAtMs,
    isStopping: Boolean(isStopping),
    recordedMs: toMs(samples + tail),
    waitingMs: toMs(waiting),
    canContinue: state.canContinue,
  };
}

const sum = (rows, count) => rows.reduce((total, row) => total + count(row), 0);

/** Whether a meeting can go on; one that is gone or over for good cannot. */
async function readState(service, sessionId) {
  try {
    const meeting = await service.meeting(sessionId);
    const isOpen = meeting.status === "recording" || (meeting.can_resume ?? meeting.ended_abruptly);
    const canContinue = isOpen && meeting.status !== "cancelled";
    return { title: meeting.title, canContinue, isOver: !canContinue };
  } catch (error) {
    return error.isLasting && !error.needsLogin
      ? { canContinue: false, isOver: true }
      : { canContinue: null, isOver: false };
  }
}

/** Tells the service of recordings that were discarded; it may have been away at the time. */
export async function forgetDiscarded(store, service) {
  for (const { sessionId, isDiscarded } of await store.listRecordings()) {
    if (isDiscarded && (await discardAtService(service, sessionId))) await store.forget(sessionId);
  }
}

/** Whether it is done; one that has ended by itself is no longer cancelled but deleted. */
async function discardAtService(service, sessionId) {
  try {
    await service.cancel(sessionId);
    return true;
  } catch (error) {
    if (error.code !== "not_recording") return error.isLasting === true;
  }
  return service.remove(sessionId).then(
    () => true,
    (error) => error.isLasting === true,
  );
}

/** A WAV file of everything that still waits here, in order; null where nothing does. */
export async function saveAsFile(store, sessionId) {
  const slices = await store.listSlices(sessionId);
  const tail = await store.readTail(sessionId);
  store.close();
  const parts = [...slices.map((slice) => readSamples(slice.wav)), ...tail.map((row) => row.pcm)];
  return parts.length > 0 ? new Blob([encodeWav(join(parts))], { type: "audio/wav" }) : null;
}
