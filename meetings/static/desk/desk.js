// The review page of a meeting: play, follow, jump. What is said is never put into the page here.
"use strict";

function startDesk(desk) {
  const audio = document.getElementById("desk-audio");
  const lines = [...document.querySelectorAll(".desk-line[data-start]")];
  const starts = lines.map((line) => Number(line.dataset.start));
  let current = null;

  function seek(second, play) {
    if (!audio) return;
    audio.currentTime = second;
    if (play) audio.play().catch(() => {});
  }

  // The last line that has begun, by bisection: a long meeting has thousands.
  function findLine(second) {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= second + 0.05) low = middle + 1;
      else high = middle;
    }
    return lines[low - 1] ?? null;
  }

  function follow() {
    const line = findLine(audio.currentTime);
    if (line === current) return;
    current?.classList.remove("desk-now");
    line?.classList.add("desk-now");
    current = line;
    if (line && !audio.paused) scrollWithin(line);
  }

  function scrollWithin(line) {
    const list = line.parentElement;
    const top = line.offsetTop - list.offsetTop;
    const isSeen = top >= list.scrollTop && top < list.scrollTop + list.clientHeight - 40;
    if (!isSeen) list.scrollTop = top - list.clientHeight / 3;
  }

  document.addEventListener("click", (event) => {
    const time = event.target.closest("[data-seek]");
    if (time) return seek(Number(time.dataset.seek), true);
    const said = event.target.closest(".desk-said");
    if (said) return seek(Number(said.closest(".desk-line").dataset.start), true);
    const chunk = event.target.closest("[data-chunk]");
    if (chunk) return playChunk(chunk.dataset.chunk);
    const copy = event.target.closest("[data-copy]");
    if (copy) return copyText(copy);
  });

  function playChunk(address) {
    const player = document.getElementById("desk-chunk");
    audio?.pause();
    player.hidden = false;
    player.src = address;
    player.play().catch(() => {});
  }

  function copyText(button) {
    const text = document.getElementById(button.dataset.copy).textContent;
    navigator.clipboard?.writeText(text).then(() => {
      button.textContent = "Copied";
    });
  }

  if (audio) {
    audio.addEventListener("timeupdate", follow);
    audio.addEventListener("seeked", follow);
    const wanted = Number(new URLSearchParams(location.search).get("t"));
    if (wanted > 0) audio.addEventListener("loadedmetadata", () => seek(wanted, false), { once: true });
    drawWave(desk, audio, seek);
  }
}

async function drawWave(desk, audio, seek) {
  const canvas = document.getElementById("desk-wave");
  let peaks = [];
  try {
    const answer = await fetch(desk.dataset.waveform, { credentials: "same-origin" });
    if (answer.ok) peaks = (await answer.json()).peaks;
  } catch {
    // Without an outline the player's own bar is enough.
  }
  if (!peaks.length) {
    canvas.hidden = true;
    return;
  }
  const seconds = () => audio.duration || Number(desk.dataset.duration) / 1000 || 1;
  const loudest = Math.max(0.05, ...peaks.map(([low, high]) => Math.max(-low, high)));
  const paint = () => paintWave(canvas, peaks, loudest, audio.currentTime / seconds());
  canvas.addEventListener("click", (event) => {
    seek((event.offsetX / canvas.clientWidth) * seconds(), true);
  });
  audio.addEventListener("timeupdate", paint);
  new ResizeObserver(paint).observe(canvas);
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

function paintWave(canvas, peaks, loudest, played) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  context.clearRect(0, 0, width, height);
  for (let x = 0; x < width; x += 1) {
    const [low, high] = peaks[Math.floor((x * peaks.length) / width)];
    const top = (1 - high / loudest) * (height / 2);
    const bottom = (1 - low / loudest) * (height / 2);
    context.fillStyle = x / width < played ? style.getPropertyValue("--desk-played") : style.color;
    context.fillRect(x, top, 1, Math.max(1, bottom - top));
  }
}

document.addEventListener("DOMContentLoaded", () => {
  const desk = document.getElementById("desk");
  if (desk) startDesk(desk);
});
