/** Modal dialogs on the browser's own <dialog>: focus stays inside, Esc closes. */

import { fill, h, icon } from "../dom.js";

/** Opens it; resolves with what `close(value)` was given, undefined where it was dismissed. */
export function openDialog({ title, body, actions = [], wide = false }) {
  return new Promise((resolve) => {
    let value;
    const close = (result) => {
      value = result;
      dialog.close();
    };
    const heading = h("h2", { id: "dialog-title", tabindex: "-1" }, title);
    const name = { "aria-labelledby": "dialog-title" };
    const dialog = h(`dialog.dialog.${wide ? "wide" : ""}`, name);
    const shown = typeof body === "function" ? body(close) : body;
    const buttons = actions.map((action) => actionButton(action, close));
    fill(
      dialog,
      h(
        "div.dialog-head",
        heading,
        h("button.icon-button", { label: "Close", onclick: () => close() }, icon("close")),
      ),
      h("div.dialog-body", shown),
      buttons.length > 0 && h("div.dialog-foot", buttons),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(value);
    });
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    document.body.append(dialog);
    dialog.showModal();
    (dialog.querySelector("[autofocus]") || heading).focus();
  });
}

function actionButton({ text, value, kind = "", run, testid }, close) {
  const click = async (event) => {
    if (!run) return close(value);
    const button = event.currentTarget;
    button.disabled = true;
    try {
      const result = await run();
      if (result !== false) close(result ?? value);
    } finally {
      button.disabled = false;
    }
  };
  return h(`button.button.${kind}`, { onclick: click, testid }, text);
}

/** True where the person chose `yes`. */
export function choose(title, { body, yes, no = "Cancel", danger = false }) {
  const kind = danger ? "danger" : "primary";
  const actions = [
    { text: no, value: false },
    { text: yes, value: true, kind, testid: "confirm" },
  ];
  return openDialog({ title, body, actions });
}

export const confirm = ({ title, text, ...more }) => choose(title, { body: h("p", text), ...more });

/** The text that was typed, or undefined. */
export function ask({ title, label, value = "", yes = "Save", maxLength = 200 }) {
  const input = h("input", {
    id: "dialog-input",
    type: "text",
    value,
    maxlength: maxLength,
    autofocus: true,
    autocomplete: "off",
  });
  return openDialog({
    title,
    body: (close) =>
      h(
        "form.stack",
        { onsubmit: (event) => (event.preventDefault(), close(input.value)) },
        h("label", { for: "dialog-input" }, label),
        input,
      ),
    actions: [{ text: "Cancel" }, { text: yes, kind: "primary", run: () => input.value }],
  });
}
