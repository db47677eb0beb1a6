// Making elements. Text goes in as text nodes only; nothing in this page ever reads a string as markup.

// h makes an element: h("p", {class: "when"}, "9:00am"). A prop that is a function is a listener; null and false props
// are left out, true is an empty attribute.
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

const svgns = "http://www.w3.org/2000/svg";

function fill(el, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (typeof value === "function") el.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

function svg(tag, props, ...children) {
  return fill(document.createElementNS(svgns, tag), props, children);
}

const paths = {
  tick: "M4 11l4 4 8-9",
  file: "M5 2h7l4 4v12H5zM12 2v4h4",
  pin: "M10 18s6-6 6-10a6 6 0 0 0-12 0c0 4 6 10 6 10zM10 6v4M8 8h4",
  save: "M10 3v10M6 9l4 4 4-4M4 17h12",
  out: "M11 4h5v5M16 4l-8 8M14 12v4H4V6h4",
  down: "M5 8l5 5 5-5",
  send: "M10 16V4M5 9l5-5 5 5",
};

// icon draws one of a few small pictures that say nothing the words beside them don't.
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" }, svg("path", { d: paths[name] }));
}

// mapDrawing is a picture of a map, not a map: no tile is asked of anybody.
export function mapDrawing() {
  return svg("svg", { class: "drawing", viewBox: "0 0 320 96", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true", focusable: "false" },
    svg("rect", { class: "land", width: 320, height: 96 }),
    svg("path", { class: "park", d: "M196 0h84l14 40-50 22-56-20z" }),
    svg("path", { class: "water", d: "M-10 84C60 58 90 96 150 78s120 8 190-18" }),
    svg("path", { class: "road", d: "M-10 30 120 44 330 8M70-10l24 120M168-10l-22 120M250 110 230 30" }),
    svg("path", { class: "pin", d: "M158 62s18-19 18-32a18 18 0 0 0-36 0c0 13 18 32 18 32z" }),
    svg("circle", { class: "hole", cx: 158, cy: 30, r: 7 }));
}

// unseen is text for a screen reader only.
export function unseen(text) {
  return h("span", { class: "unseen" }, text);
}
