// Building elements. Text only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";

/** Return an element `name` with attributes (true: without a value; null or false: not set) and children. */
export function make(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Return a button that does `act`, with attributes and children. */
export function button(act, attributes, ...children) {
  const made = make("button", { type: "button", ...attributes }, ...children);
  made.addEventListener("click", act);
  return made;
}

/** Return an icon, drawn as the path `d` on 24 by 24 units; screen readers pass it over. */
export function icon(d) {
  const attributes = { viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" };
  const path = filled(document.createElementNS(SVG, "path"), { d }, []);
  return filled(document.createElementNS(SVG, "svg"), attributes, [path]);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
