"use strict";
// Small pieces: elements whose text is text, arrays unpacked, line and bar charts as SVG.
const $ = (tag, told = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(told)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
};
const SVG = "http://www.w3.org/2000/svg";
const $$ = (tag, told = {}, text) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(told)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
};
const KINDS = { f4: Float32Array, i4: Int32Array, u1: Uint8Array };
const unpacked = new Map();

/** The arrays of a block by name: {values, shape}; null where the page has no such block. */
async function arraysOf(id) {
  const node = document.getElementById(id);
  if (node === null) return null;
  if (!unpacked.has(id)) unpacked.set(id, unpack(node));
  return unpacked.get(id);
}

async function unpack(node) {
  const packed = Uint8Array.from(atob(node.textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const found = {};
  for (const [name, kind, shape, at] of JSON.parse(node.dataset.head)) {
    const size = shape.reduce((a, b) => a * b, 1);
    const width = KINDS[kind].BYTES_PER_ELEMENT;
    const raw = new Uint8Array(size * width); // bytes stand apart: all lowest ones first
    for (let b = 0; b < width; b++)
      for (let i = 0; i < size; i++) raw[i * width + b] = bytes[at + b * size + i];
    found[name] = { values: new KINDS[kind](raw.buffer), shape };
  }
  node.textContent = "";
  return found;
}

const when = (minute) => new Date(minute * 60000).toISOString().slice(0, 16).replace("T", " ");

function shortNumber(value, unit = "") {
  if (!Number.isFinite(value)) return "-";
  if (Number.isInteger(value)) return value + unit;
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toFixed(digits) + unit;
}

function ticks(low, high, wanted) {
  const raw = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((k) => k * power >= raw);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) found.push(at);
  return found;
}

/**
 * A chart into a figure. told: {title, alt, x: "time"|"", series: [{name, color, xs, ys, kind}],
 * marks: [{x, name}]}; kinds are line, step and bars (xs are left ends, told.width their width).
 */
function draw(figure, told) {
  figure.replaceChildren();
  const all = told.series.filter((each) => each.xs.length);
  if (!all.length) {
    figure.append($("figcaption", {}, `${told.title}: nothing to draw.`));
    return;
  }
  const wide = Math.max(300, Math.min(figure.clientWidth || 640, 960)); // letters keep their size
  const high = told.high || 220, left = 52, right = 12, top = 8, foot = 26;
  const finite = (get) => all.flatMap((s) => Array.from(get(s)).filter(Number.isFinite));
  const ends = (values) => values.reduce(
    ([low, up], v) => [Math.min(low, v), Math.max(up, v)], [Infinity, -Infinity]);
  let [x0, x1] = ends(finite((s) => s.xs));
  let [y0, y1] = ends(finite((s) => s.ys));
  if (told.width) x1 += told.width;
  if (told.zero) [y0, y1] = [Math.min(y0, 0), Math.max(y1, 0)];
  if (x0 === x1) [x0, x1] = [x0 - 1, x1 + 1];
  if (y0 === y1) [y0, y1] = [y0 - 1, y1 + 1];
  const X = (v) => left + ((v - x0) / (x1 - x0)) * (wide - left - right);
  const Y = (v) => high - foot - ((v - y0) / (y1 - y0)) * (high - foot - top);
  const svg = $$("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": told.alt });
  for (const at of ticks(y0, y1, 4)) {
    svg.append($$("line", { x1: left, x2: wide - right, y1: Y(at), y2: Y(at), stroke: "var(--line)" }));
    svg.append($$("text", { x: left - 5, y: Y(at) + 4, "text-anchor": "end" }, shortNumber(at)));
  }
  const isTime = told.x === "time";
  const xs = isTime ? [0, 1, 2, 3].map((k) => x0 + ((x1 - x0) * (k + .5)) / 4) : ticks(x0, x1, 6);
  for (const at of xs) {
    const text = isTime ? (x1 - x0 < 2880 ? when(at).slice(5) : when(at).slice(0, 10)) : shortNumber(at);
    svg.append($$("text", { x: X(at), y: high - 8, "text-anchor": "middle" }, text));
  }
  for (const each of all) svg.append(shape(each, X, Y, told));
  for (const mark of told.marks || []) {
    if (mark.x < x0 || mark.x > x1) continue;
    svg.append($$("line", { x1: X(mark.x), x2: X(mark.x), y1: top, y2: high - foot,
      stroke: "var(--accent)", "stroke-dasharray": "4 3" }));
    const isLate = X(mark.x) > wide * .75;
    svg.append($$("text", { x: X(mark.x) + (isLate ? -3 : 3), y: top + 10, "text-anchor": isLate ? "end" : "start" }, mark.name));
  }
  const caption = $("figcaption", {}, told.title);
  if (all.length > 1)
    for (const each of all) {
      const key = $("span", {}, ` \u25A0 ${each.name}`);
      key.style.color = each.color;
      caption.append(key);
    }
  figure.append(svg, caption);
}

function shape(each, X, Y, told) {
  if (each.kind === "bars") {
    const group = $$("g", { fill: each.color });
    each.xs.forEach((x, i) => {
      const [a, b] = [Y(each.ys[i]), Y(0)];
      group.append($$("rect", { x: X(x) + .5, width: Math.max(X(x + told.width) - X(x) - 1, 1),
        y: Math.min(a, b), height: Math.abs(a - b) }));
    });
    return group;
  }
  let path = "", pen = "M", last = null;
  for (let i = 0; i < each.xs.length; i++) {
    if (!Number.isFinite(each.ys[i])) { pen = "M"; continue; }
    const [x, y] = [X(each.xs[i]).toFixed(1), Y(each.ys[i]).toFixed(1)];
    path += each.kind === "step" && pen === "L" ? `L${x} ${last}L${x} ${y}` : `${pen}${x} ${y}`;
    [pen, last] = ["L", y];
  }
  return $$("path", { d: path, fill: "none", stroke: each.color, "stroke-width": 1.4,
    "stroke-linejoin": "round" });
}

/** Counts of values in so many equal bins between two ends: {xs, ys, width}. */
function binned(values, bins) {
  const known = Array.from(values).filter(Number.isFinite);
  if (!known.length) return { xs: [], ys: [], width: 1 };
  let [low, high] = known.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  if (low === high) [low, high] = [low - .5, high + .5];
  const width = (high - low) / bins;
  const ys = new Array(bins).fill(0);
  for (const v of known) ys[Math.min(Math.floor((v - low) / width), bins - 1)]++;
  return { xs: ys.map((_, i) => low + i * width), ys, width };
}
