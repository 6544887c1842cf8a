/** The colours of speakers: Okabe and Ito's eight, told apart by colour-blind people, each with a pattern. */

import { h } from "../dom.js";

const COLOURS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#8f7d00",
  "#7f7f7f",
];

export const colourOf = (index) => (index < 0 ? "#8a8f98" : COLOURS[index % COLOURS.length]);

/** A little field with the colour and the pattern of a speaker. */
export function swatch(index) {
  return h("span", {
    class: `swatch pattern-${index < 0 ? "none" : index % 8}`,
    style: { "--speaker": colourOf(index) },
    "aria-hidden": "true",
  });
}
