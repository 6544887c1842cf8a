import { fill, h } from "../dom.js";
import { empty } from "../ui/states.js";

export const title = "Not found";

export function mount(root) {
  const link = h("a.button.primary", { href: "/console/" }, "To the library");
  fill(
    root,
    h("h1.sr-only", "Not found"),
    empty("There is no such page.", "The link may be incomplete.", [link]),
  );
}
