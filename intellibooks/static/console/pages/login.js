/** Login, where the service asks who comes. */

import { getOr, post } from "../api.js";
import { fill, h } from "../dom.js";

export const title = "Log in";

/** Only an address of ours: a link must not lead people elsewhere after their login. */
function readNext(query) {
  const next = query.get("next") || "/console/";
  const url = new URL(next, location.origin);
  return url.origin === location.origin && url.pathname.startsWith("/console")
    ? url.pathname + url.search
    : "/console/";
}

export async function mount(root, { query, signal }) {
  const name = h("input", {
    id: "login-name",
    autocomplete: "username",
    required: true,
    autofocus: true,
  });
  const password = h("input", {
    id: "login-password",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const problem = h("p.form-error", { role: "alert" });
  const button = h("button.button.primary", { type: "submit" }, "Log in");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    fill(problem);
    try {
      await post("/api/auth/login", { username: name.value, password: password.value });
      location.assign(readNext(query));
    } catch (error) {
      fill(
        problem,
        error.status === 401 || error.status === 403 || error.status === 422
          ? "That name and password do not belong together. Try again."
          : `${error.message} ${error.advice}`,
      );
      password.select();
    } finally {
      button.disabled = false;
    }
  };
  fill(
    root,
    h(
      "form.card.login.stack",
      { onsubmit: submit },
      h("h1", "Log in"),
      h("label", { for: "login-name" }, "User name"),
      name,
      h("label", { for: "login-password" }, "Password"),
      password,
      problem,
      button,
    ),
  );
  name.focus();
  const me = await getOr(null, "/api/auth/me", {}, signal).catch(() => null); // sets the CSRF cookie
  if (me?.mode === "open")
    fill(problem, "This service asks nobody to log in: go on to the library.");
}
