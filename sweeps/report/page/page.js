"use strict";
// The page's own doings: controls over the heatmaps, the trades behind a cell, the spread in time.
const about = JSON.parse(document.getElementById("about")?.textContent || "null");

function picker(title, name, choices, value, change) {
  const list = $("select", { name, onchange: (event) => change(event.target.value) });
  for (const [key, text] of choices) list.append($("option", { value: key }, text));
  list.value = value;
  return $("label", {}, title, list);
}

function heatmaps(root) {
  const view = { grid: 0, segment: 0, column: "lcb_pnl", fold: "best", x: "", y: "", given: {}, picked: null };
  const place = Object.fromEntries(
    ["controls", "levels", "scale", "maps", "told", "trades"].map((name) => [name, $("div")]));
  place.controls.className = place.levels.className = "controls";
  place.scale.className = "scale";
  place.maps.className = "maps";
  place.told.className = "told";
  place.told.setAttribute("role", "status");
  root.append(...Object.values(place));
  let arrays = null;
  const grid = () => about.grids[view.grid];

  async function choose(at) {
    view.grid = Number(at);
    arrays = await arraysOf(`grid-${grid().name}`);
    [view.x, view.y] = grid().pairs[0];
    if (!grid().columns.some((each) => each.name === view.column)) view.column = "lcb_pnl";
    view.given = levelsIn(grid(), Math.max(grid().winner, 0));
    view.picked = null;
    show();
    startAt();
  }

  /** Begins where the eye should: at the best set of all minutes. */
  function startAt() {
    const cells = cellsOf(grid(), arrays, view);
    const [nx, ny] = sizes();
    const { best } = bestAndPlateau(cells, nx, ny, scaleOf(grid(), arrays, view, about.segments.length), grid());
    const first = best >= 0 ? cells[best] : cells.find((cell) => cell.isValid);
    if (first) pick(first);
  }

  const sizes = () => [levelsOf(grid(), view.x).length, levelsOf(grid(), view.y).length];

  function set(name, value) {
    view[name] = value;
    if (name === "fold" && ["median", "positive"].includes(value))
      if (!grid().columns.find((each) => each.name === view.column).isFolded) view.column = "lcb_pnl";
    if (name === "column" && !grid().columns.find((each) => each.name === value).isFolded
        && ["median", "positive"].includes(view.fold)) view.fold = "best";
    show();
  }

  function axis(name, value) {
    const other = name === "x" ? "y" : "x";
    const was = view[name];
    view[name] = value;
    if (view[other] === value) view[other] = was;
    if (pairOf(view.x, view.y) < 0) {
      const pair = grid().pairs.find((each) => each.includes(value));
      view[other] = pair[0] === value ? pair[1] : pair[0];
    }
    show();
  }

  const pairOf = (x, y) => grid().pairs.findIndex((pair) => pair.includes(x) && pair.includes(y));

  function show() {
    controls();
    const scale = scaleOf(grid(), arrays, view, about.segments.length);
    const [nx, ny] = sizes();
    const cells = cellsOf(grid(), arrays, view);
    legend(scale);
    place.maps.replaceChildren(table(cells, nx, ny, scale), segments(nx, ny, scale));
  }

  function controls() {
    const had = document.activeElement?.name;
    const names = [...new Set(grid().pairs.flat())];
    const unit = (name) => grid().axes.find((each) => each.name === name).unit;
    const axes = names.map((name) => [name, `${name} [${unit(name)}]`]);
    const folds = [["best", "best lower bound"], ["median", "median of sets"],
      ["positive", "share of sets above 0"], ["given", "at given levels"]];
    place.controls.replaceChildren(
      picker("Strategy", "grid", about.grids.map((each, i) => [i, each.name]), view.grid, choose),
      picker("Across", "x", axes, view.x, (value) => axis("x", value)),
      picker("Up", "y", axes, view.y, (value) => axis("y", value)),
      picker("Shown", "column", grid().columns.map((each) => [each.name, each.title]), view.column, (v) => set("column", v)),
      picker("Other axes", "fold", folds, view.fold, (v) => set("fold", v)),
      picker("Segment", "segment", about.segments.map((each, i) => [i, each]), view.segment, (v) => set("segment", Number(v))));
    place.levels.replaceChildren();
    if (view.fold === "given")
      for (const each of grid().axes) {
        if (each.name === view.x || each.name === view.y || each.levels.length < 2) continue;
        place.levels.append(picker(`${each.name} [${each.unit}]`, `level-${each.name}`,
          each.levels.map((level, i) => [i, level]), view.given[each.name],
          (value) => { view.given[each.name] = Number(value); show(); }));
      }
    if (had) root.querySelector(`select[name="${CSS.escape(had)}"]`)?.focus();
  }

  function legend(scale) {
    const bar = $("canvas", { width: 100, height: 1, role: "img", "aria-label": "colours, from low to high" });
    const pen = bar.getContext("2d");
    for (let i = 0; i < 100; i++) {
      pen.fillStyle = `rgb(${colorOf(scale.low + ((i + .5) / 100) * (scale.high - scale.low), scale, false)})`;
      pen.fillRect(i, 0, 1, 1);
    }
    const column = grid().columns.find((each) => each.name === view.column);
    const unit = view.fold === "positive" ? "% of sets" : column.unit;
    const middle = scale.center === null ? "" : ` (parts at ${shortNumber(scale.center)})`;
    place.scale.replaceChildren($("b", {}, shortNumber(scale.low)), bar, $("b", {}, shortNumber(scale.high)),
      $("span", {}, `${unit}${middle}; hatched: fewer than ${grid().minEvents} trades`));
  }

  function table(cells, nx, ny, scale) {
    const { best, plateau } = bestAndPlateau(cells, nx, ny, scale, grid());
    const [xs, ys] = [levelsOf(grid(), view.x), levelsOf(grid(), view.y)];
    const segment = about.segments[view.segment];
    const isSmall = nx > 14 || ny > 14;
    const body = $("tbody");
    for (let iy = ny - 1; iy >= 0; iy--) {
      const row = $("tr", {}, $("th", { scope: "row" }, String(ys[iy])));
      for (let ix = 0; ix < nx; ix++) row.append($("td", {}, button(cells[iy * nx + ix], iy * nx + ix)));
      body.append(row);
    }
    const head = $("tr", {}, $("th", { scope: "col" }, `${view.y} \u2191`),
      ...xs.map((level) => $("th", { scope: "col" }, String(level))));
    const across = $("tr", {}, $("td"), $("th", { colspan: nx }, `${view.x} \u2192`));
    const title = `${grid().name}, ${segment}: ${grid().columns.find((c) => c.name === view.column).title} over ${view.x} (across) and ${view.y} (up)`;
    const map = $("table", { class: isSmall ? "map small" : "map", onkeydown: walk },
      $("caption", {}, title), body, $("tfoot", {}, head, across));
    return $("div", { class: "wide" }, map);

    function button(cell, at) {
      if (!cell.isValid) return $("span", {}, "");
      const isThin = cell.events < grid().minEvents;
      const rgb = colorOf(cell.value, scale, isThin);
      const where = `${view.x} ${xs[cell.ix]}, ${view.y} ${ys[cell.iy]}`;
      const number = Number.isFinite(cell.value) ? shortNumber(cell.value) : "unknown";
      const node = $("button", { type: "button", "data-at": at,
        tabindex: at === (view.picked?.at ?? Math.max(best, 0)) ? 0 : -1,
        "aria-label": `${where}: ${number}, ${cell.events} trades${isThin ? ", too few" : ""}${at === best ? ", the best" : ""}${plateau.has(at) ? ", on its plateau" : ""}`,
        onclick: () => pick(cell, at), onmouseenter: () => tell(cell), onfocus: () => tell(cell) },
        number, $("br"), view.column === "events" ? "" : `n ${cell.events}`);
      node.style.backgroundColor = rgb ? `rgb(${rgb})` : "#d8d8d8";
      node.style.color = rgb ? inkOn(rgb) : "#111111";
      if (isThin) node.classList.add("thin");
      if (plateau.has(at) && plateau.size > 1) node.style.boxShadow = edgesOf(at, nx, ny, plateau);
      if (at === best) node.classList.add("best");
      if (at === view.picked?.at && view.picked.x === view.x && view.picked.y === view.y) node.classList.add("picked");
      return node;
    }

    function walk(event) {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      const from = event.target.dataset?.at;
      if (!step || from === undefined) return;
      event.preventDefault();
      let [ix, iy] = [Number(from) % nx + step[0], Math.floor(from / nx) + step[1]];
      while (ix >= 0 && ix < nx && iy >= 0 && iy < ny) {
        const next = map.querySelector(`button[data-at="${iy * nx + ix}"]`);
        if (next) {
          event.target.tabIndex = -1;
          next.tabIndex = 0;
          next.focus();
          return;
        }
        [ix, iy] = [ix + step[0], iy + step[1]];
      }
    }
  }

  function segments(nx, ny, scale) {
    const all = $("div", { class: "segments", role: "group", "aria-label": "All segments; sessions down, regimes across" });
    about.segments.forEach((name, segment) => {
      const cells = cellsOf(grid(), arrays, { ...view, segment });
      const canvas = $("canvas", { "aria-hidden": "true" });
      paintSmall(canvas, cells, nx, ny, scale, grid());
      const enough = cells.filter((c) => c.isValid && c.events >= grid().minEvents && Number.isFinite(c.value));
      const top = enough.reduce((a, c) => Math.max(a, c.value), -Infinity);
      all.append($("button", { type: "button", "aria-pressed": segment === view.segment,
        onclick: () => { set("segment", segment); root.querySelector(".segments [aria-pressed=true]").focus(); } },
        canvas, $("span", {}, name), $("span", {}, enough.length ? `best ${shortNumber(top)}` : "too few trades")));
    });
    const order = segmentOrder();
    all.append(...order.map((i) => all.children[i]));
    return all;
  }

  /** Sessions down, regimes across, as in the pictures. */
  function segmentOrder() {
    const place = (name) => {
      const parts = name === "all" ? [] : name.split("/");
      const session = about.sessions.findIndex((each) => parts.includes(each));
      const regime = about.regimes.findIndex((each) => parts.includes(each));
      return (session + 1) * 4 + regime + 1;
    };
    return about.segments.map((_, i) => i).sort((a, b) => place(about.segments[a]) - place(about.segments[b]));
  }

  function tell(cell) {
    const given = levelsIn(grid(), cell.set);
    const isOne = cell.set >= 0 && (view.fold === "best" || view.fold === "given");
    const levels = grid().axes
      .filter((axis) => isOne || axis.name === view.x || axis.name === view.y)
      .map((axis) => `${axis.name} ${axis.levels[axis.name === view.x ? cell.ix : axis.name === view.y ? cell.iy : given[axis.name]]}`);
    const told = cell.slot < 0 ? ["this set's numbers are not in the page: it is the best nowhere"]
      : grid().columns.map((each) => `${each.title} ${shortNumber(columnAt(arrays, each.name, view.segment, cell.slot))} ${each.unit}`);
    const which = view.fold === "median" || view.fold === "positive" ? `cell: ${shortNumber(cell.value)}; its best set: ` : "";
    place.told.replaceChildren($("strong", {}, `${grid().name}, ${about.segments[view.segment]}: ${levels.join(", ")}`),
      $("div", {}, which + told.join("; ")));
  }

  function pick(cell, at) {
    view.picked = { at: at ?? cell.iy * sizes()[0] + cell.ix, x: view.x, y: view.y };
    for (const node of place.maps.querySelectorAll("button[data-at]")) {
      const isIt = Number(node.dataset.at) === view.picked.at;
      node.classList.toggle("picked", isIt);
      node.tabIndex = isIt ? 0 : -1;
    }
    tell(cell);
    trades(cell);
  }

  async function trades(cell) {
    const found = await tradesOf(grid(), cell.set, about.segments[view.segment]);
    const levels = levelsIn(grid(), cell.set);
    const flags = grid().axes.filter((axis) => grid().flags[axis.name])
      .map((axis) => `${grid().flags[axis.name]} ${axis.levels[levels[axis.name]]}`).join(" ");
    const command = $("p", {}, "By itself: ", $("code", {}, `${grid().command} ${flags}`));
    if (found === null) {
      place.trades.replaceChildren($("h3", {}, `Trades of set ${cell.set}`), $("p", {},
        `Not in this page, which holds the trades of ${grid().withTrades.length} sets that are best somewhere.`), command);
      return;
    }
    await showTrades(place.trades, grid(), cell.set, about.segments[view.segment], found, command);
  }

  return choose(Math.max(about.grids.findIndex((each) => each.name === about.first), 0));
}

/** The trades of a set in a segment, null where the page does not hold them. */
async function tradesOf(grid, set, segment) {
  const all = await arraysOf(`trades-${grid.name}`);
  if (all === null || !grid.withTrades.includes(set)) return null;
  const parts = segment === "all" ? [] : segment.split("/");
  const rows = [];
  for (let i = 0; i < all.set.values.length; i++) {
    if (all.set.values[i] !== set) continue;
    const session = about.sessions[all.session.values[i]], regime = about.regimes[all.regime.values[i]];
    if (parts.every((part) => part === session || part === regime))
      rows.push({ entry: all.entry.values[i], exit: all.exit.values[i], net: all.net_pct.values[i],
        gross: all.gross_pct.values[i], side: all.side.values[i] === 1 ? "long" : "short",
        reason: about.reasons[all.reason.values[i]], session, regime: regime || "", isAfter: all.is_after.values[i] === 1 });
  }
  return rows;
}

async function showTrades(root, grid, set, segment, rows, command) {
  const inside = rows.filter((row) => !row.isAfter), after = rows.length - inside.length;
  const sum = inside.reduce((a, row) => a + row.net, 0);
  const figures = Object.fromEntries(["equity", "drawdown", "pnl", "hold", "price", "spread"].map((name) => [name, $("figure", { class: `chart-${name}` })]));
  const charts = $("div", { class: "charts" }, figures.equity, figures.drawdown, figures.pnl, figures.hold);
  const event = $("div", {}, figures.price, figures.spread);
  const words = `${inside.length} trades in sample, ${after} after it; in sample ${shortNumber(sum, " %")} in all, by the law itself.`;
  const body = $("tbody");
  const shown = rows.slice(0, 400);
  for (const row of shown)
    body.append($("tr", {}, $("td", {}, $("button", { type: "button", class: "act", onclick: () => eventOf(row, figures) }, when(row.entry))),
      ...[row.side, when(row.exit), `${row.net >= 0 ? "+" : ""}${row.net.toFixed(4)}`, `${row.exit - row.entry}`, row.reason, row.session, row.regime, row.isAfter ? "after" : "in sample"]
        .map((text, i) => $("td", i === 2 || i === 3 ? { class: "n" } : {}, text))));
  const names = ["entry (UTC)", "side", "exit", "net %", "hold min", "reason", "session", "regime", "minutes"];
  const list = $("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Trades" },
    $("table", {}, $("caption", {}, shown.length < rows.length ? `The first ${shown.length} of ${rows.length} trades` : "Trades; choose one to see it on price and spread"),
      $("thead", {}, $("tr", {}, ...names.map((name) => $("th", { scope: "col" }, name)))), body));
  root.replaceChildren($("h3", {}, `Trades of set ${set} of ${grid.name}, ${segment}`), $("p", { class: "count" }, words), command, charts, event, list);
  const xs = rows.map((row) => row.exit);
  let total = 0, top = 0;
  const equity = rows.map((row) => (total += row.net));
  const down = equity.map((value) => value - (top = Math.max(top, value)));
  const first = rows.find((row) => row.isAfter);
  const marks = first ? [{ x: first.entry, name: "out of sample" }] : [];
  draw(figures.equity, { title: "Running sum of net pnl, %", alt: `Equity of ${rows.length} trades, ending at ${shortNumber(total, " %")}`, x: "time", zero: true, marks,
    series: [{ name: "net", color: "var(--good)", xs, ys: equity, kind: "step" }] });
  draw(figures.drawdown, { title: "Drawdown from the highest sum, %", alt: `Drawdown, at worst ${shortNumber(Math.min(0, ...down), " %")}`, x: "time", zero: true, marks,
    series: [{ name: "drawdown", color: "var(--bad)", xs, ys: down, kind: "step" }] });
  const pnl = binned(inside.map((row) => row.net), 24), hold = binned(inside.map((row) => row.exit - row.entry), 20);
  draw(figures.pnl, { title: "Net pnl a trade, %, in sample", alt: `Histogram of net pnl of ${inside.length} trades`, zero: true, width: pnl.width, marks: [{ x: 0, name: "0" }],
    series: [{ name: "trades", color: "var(--good)", ...pnl, kind: "bars" }] });
  draw(figures.hold, { title: "Hold, minutes, in sample", alt: `Histogram of holds of ${inside.length} trades`, zero: true, width: hold.width,
    series: [{ name: "trades", color: "var(--accent)", ...hold, kind: "bars" }] });
  if (rows.length) await eventOf(rows[0], figures);
}

/** One trade on prices and spread, an hour before to an hour after. */
async function eventOf(row, figures) {
  const all = await arraysOf("minutes");
  if (all === null) {
    figures.price.replaceChildren($("figcaption", {}, "The minutes are not in this run's folder."));
    return;
  }
  const minute = all.minute.values;
  const from = minute.findIndex((m) => m >= row.entry - 60);
  let to = from;
  while (to < minute.length && minute[to] <= row.exit + 60) to++;
  const cut = (name) => Array.from(all[name].values.subarray(from, to));
  const xs = Array.from(minute.subarray(from, to));
  const marks = [{ x: row.entry, name: "entry" }, { x: row.exit, name: row.reason.toLowerCase() }];
  const what = `${row.side} at ${when(row.entry)}, net ${shortNumber(row.net, " %")}`;
  draw(figures.price, { title: `Prices around the trade: ${what}`, alt: `Prices an hour around the ${what}`, x: "time", marks,
    series: [{ name: "dYdX", color: "var(--bad)", xs, ys: cut("dydx"), kind: "line" }, { name: "Binance", color: "var(--good)", xs, ys: cut("binance"), kind: "line" }] });
  draw(figures.spread, { title: "Spread and basis, %", alt: `Spread and basis an hour around the ${what}`, x: "time", marks, high: 160,
    series: [{ name: "spread", color: "var(--accent)", xs, ys: cut("spread_pct"), kind: "line" }, { name: "basis", color: "var(--faint)", xs, ys: cut("basis_pct"), kind: "line" }] });
}

async function spreadInTime() {
  const figure = document.getElementById("spread-time");
  const all = await arraysOf("minutes");
  if (figure === null || all === null) return;
  const n = all.minute.values.length, bins = Math.min(700, n);
  const xs = [], low = [], high = [], basis = [];
  for (let b = 0; b < bins; b++) {
    const [from, to] = [Math.floor((b * n) / bins), Math.floor(((b + 1) * n) / bins)];
    let [least, most] = [Infinity, -Infinity];
    for (let i = from; i < to; i++) {
      const value = all.spread_pct.values[i];
      if (value < least) least = value;
      if (value > most) most = value;
    }
    xs.push(all.minute.values[from]);
    low.push(least === Infinity ? NaN : least);
    high.push(most === -Infinity ? NaN : most);
    basis.push(all.basis_pct.values[to - 1]);
  }
  draw(figure, { title: "Highest and lowest spread of each stretch, and the basis, %", alt: "Spread and basis over all minutes", x: "time", high: 260,
    series: [{ name: "highest spread", color: "var(--good)", xs, ys: high, kind: "line" }, { name: "lowest spread", color: "var(--bad)", xs, ys: low, kind: "line" },
      { name: "basis", color: "var(--ink)", xs, ys: basis, kind: "line" }] });
  const found = binned(all.spread_pct.values, 60);
  draw(document.getElementById("spread-histogram"), { title: "Spread, %: minutes", alt: "Histogram of the spread", zero: true, width: found.width, marks: [{ x: 0, name: "0" }],
    series: [{ name: "minutes", color: "var(--good)", ...found, kind: "bars" }] });
}

async function begin() {
  const root = document.getElementById("heatmaps");
  if (root !== null && about?.grids.length) await heatmaps(root);
  await new Promise((done) => setTimeout(done, 30)); // what is read first is drawn first
  await spreadInTime();
  document.documentElement.dataset.ready = "yes";
}
begin();
