"use strict";
// The heatmaps of one grid: what each cell holds, its colour, and the tables and canvases of it.
const BLUE = [[247, 247, 247], [146, 197, 222], [67, 147, 195], [33, 102, 172]];
const RED = [[247, 247, 247], [244, 165, 130], [214, 96, 77], [178, 24, 43]];
const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function along(stops, share) {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const k = Math.min(Math.floor(at), stops.length - 2);
  return stops[k].map((low, i) => Math.round(low + (stops[k + 1][i] - low) * (at - k)));
}

/** The cells of a pair of axes in a segment: {value, events, set, isValid} each, row by row. */
function cellsOf(grid, arrays, view) {
  const pair = grid.pairs.findIndex(([x, y]) => (x === view.x && y === view.y) || (x === view.y && y === view.x));
  const isTurned = grid.pairs[pair][0] !== view.x;
  const [nx, ny] = [view.x, view.y].map((name) => levelsOf(grid, name).length);
  const best = arrays[`best.${pair}`].values;
  const folded = view.fold === "median" || view.fold === "positive" ? arrays[`${view.fold}.${pair}.${view.column}`].values : null;
  const base = view.segment * nx * ny;
  const found = [];
  for (let iy = 0; iy < ny; iy++)
    for (let ix = 0; ix < nx; ix++) {
      const at = base + (isTurned ? ix * ny + iy : iy * nx + ix);
      const isValid = best[at] >= 0;
      const set = view.fold === "given" ? setAt(grid, view, ix, iy) : best[at];
      const slot = isValid ? slotOf(arrays, set) : -1;
      found.push({ ix, iy, set, slot, isValid,
        value: folded ? folded[at] : slot < 0 ? NaN : columnAt(arrays, view.column, view.segment, slot),
        events: slot < 0 ? 0 : columnAt(arrays, "events", view.segment, slot) });
    }
  return found;
}

const levelsOf = (grid, name) => grid.axes.find((axis) => axis.name === name).levels;

function setAt(grid, view, ix, iy) {
  let set = 0;
  for (const axis of grid.axes) {
    const level = axis.name === view.x ? ix : axis.name === view.y ? iy : view.given[axis.name];
    set = set * axis.levels.length + level;
  }
  return set;
}

function levelsIn(grid, set) {
  const found = {};
  for (const axis of [...grid.axes].reverse()) {
    found[axis.name] = set % axis.levels.length;
    set = Math.floor(set / axis.levels.length);
  }
  return found;
}

function slotOf(arrays, set) {
  const sets = arrays.sets.values;
  let low = 0, high = sets.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sets[middle] === set) return middle;
    if (sets[middle] < set) low = middle + 1; else high = middle - 1;
  }
  return -1;
}

function columnAt(arrays, name, segment, slot) {
  const { values, shape } = arrays[`column.${name}`];
  return values[segment * shape[1] + slot];
}

/** One scale for all segments, as far on either side of what parts good from bad. */
function scaleOf(grid, arrays, view, segments) {
  const column = grid.columns.find((each) => each.name === view.column);
  const center = view.fold === "positive" ? 50 : column.center;
  if (view.fold === "positive") return { center, low: 0, high: 100 };
  const enough = [], known = [];
  for (let segment = 0; segment < segments; segment++)
    for (const cell of cellsOf(grid, arrays, { ...view, segment }))
      if (cell.isValid && Number.isFinite(cell.value)) {
        known.push(cell.value);
        if (cell.events >= grid.minEvents) enough.push(cell.value);
      }
  const used = enough.length ? enough : known;
  if (center === null) return { center, low: 0, high: used.reduce((a, b) => Math.max(a, b), 0) || 1 };
  const end = used.reduce((a, b) => Math.max(a, Math.abs(b - center)), 0) || 1;
  return { center, low: center - end, high: center + end };
}

function colorOf(value, scale, isThin) {
  if (!Number.isFinite(value)) return null;
  let rgb;
  if (scale.center === null) rgb = along(VIRIDIS, (value - scale.low) / (scale.high - scale.low));
  else {
    const share = (value - scale.center) / (scale.high - scale.center);
    rgb = share >= 0 ? along(BLUE, share) : along(RED, -share);
  }
  return isThin ? rgb.map((c) => Math.round(255 - .35 * (255 - c))) : rgb;
}

/** Dark or white, whichever can be read on a colour. */
function inkOn(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= .03928 ? c / 255 / 12.92 : ((c / 255 + .055) / 1.055) ** 2.4));
  const light = .2126 * r + .7152 * g + .0722 * b;
  return 1.05 / (light + .05) > (light + .05) / .0525 ? "#ffffff" : "#111111";
}

/** Positions of the best cell with enough trades and of its plateau. */
function bestAndPlateau(cells, nx, ny, scale, grid) {
  const known = cells.map((c) => (c.isValid && c.events >= grid.minEvents ? c.value : NaN));
  let best = -1;
  known.forEach((v, i) => { if (Number.isFinite(v) && (best < 0 || v > known[best])) best = i; });
  const plateau = new Set();
  const center = scale.center === null ? 0 : scale.center;
  if (best < 0 || !(known[best] > center)) return { best, plateau };
  const least = center + (known[best] - center) / 2, waiting = [best];
  while (waiting.length) {
    const at = waiting.pop();
    if (plateau.has(at) || !(known[at] >= least)) continue;
    plateau.add(at);
    const [ix, iy] = [at % nx, Math.floor(at / nx)];
    if (ix > 0) waiting.push(at - 1);
    if (ix < nx - 1) waiting.push(at + 1);
    if (iy > 0) waiting.push(at - nx);
    if (iy < ny - 1) waiting.push(at + nx);
  }
  return { best, plateau };
}

function paintSmall(canvas, cells, nx, ny, scale, grid) {
  [canvas.width, canvas.height] = [nx, ny];
  const pen = canvas.getContext("2d");
  for (const cell of cells) {
    if (!cell.isValid) continue;
    const rgb = colorOf(cell.value, scale, cell.events < grid.minEvents);
    pen.fillStyle = rgb ? `rgb(${rgb})` : "#999999";
    pen.fillRect(cell.ix, ny - 1 - cell.iy, 1, 1);
  }
}

function edgesOf(at, nx, ny, plateau) {
  const [ix, iy] = [at % nx, Math.floor(at / nx)];
  const out = [];
  if (iy === ny - 1 || !plateau.has(at + nx)) out.push("inset 0 3px 0 -1px var(--edge)");
  if (iy === 0 || !plateau.has(at - nx)) out.push("inset 0 -3px 0 -1px var(--edge)");
  if (ix === 0 || !plateau.has(at - 1)) out.push("inset 3px 0 0 -1px var(--edge)");
  if (ix === nx - 1 || !plateau.has(at + 1)) out.push("inset -3px 0 0 -1px var(--edge)");
  return out.map((each) => each.replace("-1px ", "").replaceAll("3px", "2px").replace("var(--edge)", "#111")).join(", ");
}
