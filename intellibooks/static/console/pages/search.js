/** Search over everything that was said, written and decided; a hit opens at its second. */

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { clockMs, label, moment, plural } from "../format.js";
import { rewrite } from "../router.js";
import { debounce } from "../timing.js";
import { empty, failure, loading } from "../ui/states.js";

export const title = "Search";
const KINDS = {
  segment: "Said",
  title: "Title",
  summary: "Summary",
  message: "Chat",
  speaker: "Speaker",
};
const TYPING_MS = 250;

export async function mount(root, { query, signal }) {
  const input = h("input", {
    type: "search",
    id: "search-input",
    testid: "search-input",
    value: query.get("q") || "",
    placeholder: "Words, “a phrase”, a name",
    autocomplete: "off",
  });
  const kind = h(
    "select",
    { id: "search-kind", label: "Where to search" },
    h("option", { value: "" }, "Everything"),
    Object.entries(KINDS).map(([value, text]) => h("option", { value }, text)),
  );
  const count = h("p.muted", { role: "status", testid: "search-count" });
  const list = h("ol.hits", { testid: "hits" });
  const rest = h("div");
  kind.value = query.get("kind") || "";
  fill(
    root,
    h(
      "div.page.narrow",
      h("h1", "Search"),
      h(
        "form.search-form",
        { role: "search", onsubmit: (event) => (event.preventDefault(), run()) },
        h("label.sr-only", { for: "search-input" }, "Search everything"),
        input,
        kind,
      ),
      count,
      list,
      rest,
    ),
  );

  let running = new AbortController();
  signal.addEventListener("abort", () => running.abort());

  async function run(next = null) {
    running.abort();
    running = new AbortController();
    const words = input.value.trim();
    rewrite({ q: words, kind: kind.value });
    if (!words) return show({ results: [], total: 0 }, words);
    if (!next) fill(rest, loading("Searching"));
    try {
      const answer = await get(
        "/api/search",
        { q: words, kind: kind.value, cursor: next, limit: 50 },
        running.signal,
      );
      show(answer, words, Boolean(next));
    } catch (error) {
      if (error.name !== "AbortError")
        fill(
          rest,
          failure(error, () => run()),
        );
    }
  }

  function show(answer, words, isMore = false) {
    const hits = answer.results.map((hit) => showHit(hit, words));
    if (isMore) list.append(...hits);
    else fill(list, hits);
    const total = answer.total ?? list.childElementCount;
    fill(count, words ? plural(total, "hit") : "");
    fill(
      rest,
      !words &&
        empty(
          "What are you looking for?",
          "Everything that was said, written in a chat, decided or summed up is searched.",
        ),
      words &&
        list.childElementCount === 0 &&
        empty("Nothing found.", "Try fewer or other words. Word endings do not matter."),
      answer.next && h("button.button", { onclick: () => run(answer.next) }, "Show more"),
    );
  }

  input.addEventListener(
    "input",
    debounce(TYPING_MS, () => run()),
  );
  kind.addEventListener("change", () => run());
  list.addEventListener("keydown", moveAmongHits);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    list.querySelector("a")?.focus();
  });
  input.focus();
  await run();
}

function moveAmongHits(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const links = [...event.currentTarget.querySelectorAll("a")];
  const next = links.indexOf(document.activeElement) + step;
  (links[next] || document.getElementById("search-input")).focus();
}

function showHit(hit, words) {
  const target = new URLSearchParams();
  if (hit.start_ms !== null && hit.start_ms !== undefined)
    target.set("t", String(hit.start_ms / 1000));
  if (hit.kind === "segment") target.set("find", words.replaceAll('"', ""));
  const facts = [
    hit.part ? label(hit.part) : KINDS[hit.kind] || hit.kind,
    hit.start_ms !== null && hit.start_ms !== undefined && clockMs(hit.start_ms),
    hit.speaker,
  ].filter(Boolean);
  return h(
    "li",
    h(
      "a.hit",
      { href: `/console/m/${encodeURIComponent(hit.session_id)}?${target}`, testid: "hit" },
      h(
        "span.hit-head",
        h("strong", hit.title || "Untitled meeting"),
        h("span.muted", moment(hit.created_at)),
      ),
      h("span.hit-text", mark(hit.snippet || "", hit.highlights || [])),
      h("span.hit-facts.muted", facts.join(" · ")),
    ),
  );
}

/** The snippet with its hits marked; offsets are in code points, as the service counts. */
function mark(text, highlights) {
  const letters = [...text];
  const parts = [];
  let at = 0;
  for (const [from, to] of highlights) {
    parts.push(letters.slice(at, from).join(""), h("mark", letters.slice(from, to).join("")));
    at = to;
  }
  return [...parts, letters.slice(at).join("")];
}
