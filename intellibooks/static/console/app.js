/** The frame around the pages: header, theme, keys, and the page that the address names. */

import { post } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { whoAmI } from "./identity.js";
import { bind, hint, onKeyDown } from "./keyboard.js";
import { remember } from "./preferences.js";
import { followLinks, navigate, resolve } from "./router.js";
import { openKeySheet } from "./ui/key-sheet.js";
import { attachMenu } from "./ui/menu.js";
import { failure } from "./ui/states.js";
import { attempt } from "./ui/toast.js";

const main = document.getElementById("main");
const searchBox = document.getElementById("search-everything");
const DARK = matchMedia("(prefers-color-scheme: dark)");
const tellTheme = () => document.dispatchEvent(new CustomEvent("studio:theme"));
let leaving = new AbortController();

/** Shows the page of the address; the one before hears `signal` abort and lets go of everything. */
async function show({ isFirst = false } = {}) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const route = resolve(location.pathname);
  const query = new URLSearchParams(location.search);
  document.body.dataset.page = route.name;
  markCurrent(route.name);
  try {
    const page = await route.load();
    if (signal.aborted) return;
    fill(main);
    main.scrollTop = 0;
    scrollTo(0, 0);
    document.title = `${page.title} – Intellibooks Studio`;
    await page.mount(main, { params: route.params, query, signal });
    if (!isFirst && !signal.aborted) focusHeading();
  } catch (error) {
    if (!signal.aborted && error.name !== "AbortError")
      fill(
        main,
        h("h1.sr-only", "Something went wrong"),
        failure(error, () => show()),
      );
  }
}

function focusHeading() {
  if (main.contains(document.activeElement)) return;
  const heading = main.querySelector("h1") || main;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function markCurrent(name) {
  for (const link of document.querySelectorAll("[data-nav]")) {
    if (link.dataset.nav === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : DARK.matches;
}

function switchTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  remember("theme", theme);
  tellTheme();
}

function startHeader() {
  document.getElementById("theme").addEventListener("click", switchTheme);
  const help = document.getElementById("help");
  help.title = hint("help");
  help.addEventListener("click", openKeySheet);
  searchBox.title = hint("search");
  searchBox.form.addEventListener("submit", (event) => {
    event.preventDefault();
    navigate(`/console/search?q=${encodeURIComponent(searchBox.value.trim())}`);
  });
  DARK.addEventListener("change", tellTheme);
}

async function startIdentity() {
  const me = await whoAmI();
  const isNamed = me && me.mode === "required" && me.user_id;
  if (!isNamed) return;
  const button = h(
    "button.button.quiet",
    { testid: "account" },
    icon("person"),
    h("span.wide-only", me.user_id),
  );
  const logOut = () =>
    attempt(async () => (await post("/api/auth/logout"), location.assign("/console/login")));
  attachMenu(button, () => [{ heading: me.user_id }, { text: "Log out", run: logOut }]);
  document.getElementById("account").append(button);
}

function startKeys() {
  document.addEventListener("keydown", onKeyDown);
  bind({
    help: openKeySheet,
    search: () => (searchBox.focus(), searchBox.select()),
    record: () => navigate("/console/record"),
    import: () => navigate("/console/?import=1"),
    goLibrary: () => navigate("/console/"),
    goRecord: () => navigate("/console/record"),
    goSearch: () => navigate("/console/search"),
  });
}

function askForLogin() {
  if (resolve(location.pathname).name === "login") return;
  navigate(`/console/login?next=${encodeURIComponent(location.pathname + location.search)}`, {
    replace: true,
  });
}

startHeader();
startKeys();
document.addEventListener("click", followLinks);
document.addEventListener("studio:navigate", () => show());
document.addEventListener("studio:login", askForLogin);
addEventListener("popstate", () => show());
show({ isFirst: true });
startIdentity();
