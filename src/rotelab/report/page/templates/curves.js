/* Of each sweep: filters, which choose curves and rows of the table of runs, and the curves. */
for (const script of document.querySelectorAll("script.sweep")) {
  const data = JSON.parse(script.textContent), root = script.closest("section");
  const rows = [...root.querySelectorAll("tr[data-run]")], boxes = [...root.querySelectorAll(".filters input[data-setting]")];
  const search = root.querySelector(".filters input[type=search]"), count = root.querySelector(".filters output");
  const chart = root.querySelector(".chart"), draw = chart ? curves(data, root, chart) : () => {};

  function chosen() {
    const off = new Map();
    for (const box of boxes) if (!box.checked) off.set(box.dataset.setting, (off.get(box.dataset.setting) ?? new Set()).add(+box.value));
    const words = (search?.value ?? "").trim().toLowerCase();
    const fits = data.runs.map(run => [...off].every(([setting, values]) => run.s[setting] >= 0 && !values.has(run.s[setting])));
    let shown = 0;
    for (const row of rows) {
      row.hidden = !fits[row.dataset.run] || (words !== "" && !row.textContent.toLowerCase().includes(words));
      if (row.hidden) fits[row.dataset.run] = false;
      shown += !row.hidden;
    }
    if (count) count.textContent = `${shown} of ${data.runs.length} runs`;
    draw(fits);
  }
  for (const input of [...boxes, ...(search ? [search] : [])]) input.addEventListener("input", chosen);
  chosen();
}

function curves(data, root, chart) {
  const SVG = "http://www.w3.org/2000/svg", DASHES = ["", "8 4", "2 3", "9 3 2 3"], UNITS = ["epochs", "optimizer steps", "images"];
  const svg = chart.querySelector("svg"), output = chart.querySelector("output"), legend = root.querySelector(".legend");
  const show = root.querySelector("select.show"), seeds = root.querySelector("input.seeds");
  const state = { unit: "0", x: "linear", y: "linear" }, hidden = new Set();
  let fits = data.runs.map(() => true), lines = [], at = null;

  const times = (spec, epochs) => Array.isArray(spec) ? spec : epochs.map(epoch => epoch * spec);
  const axes = data.axes.map(([list, steps, images]) => {
    const epochs = data.lists[list];
    return [epochs, times(steps, epochs), times(images, epochs)];
  });
  const longest = data.curves.map(({ y }) => Math.max(...Object.values(y).map(([axis]) => axes[axis][0].at(-1))));
  if (Math.max(...longest) >= 8 * Math.min(...longest)) state.x = "log";

  function node(name, attributes, parent, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent?.append(made);
    return made;
  }
  const number = value => Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(3));

  function ticks(low, high, log) {
    if (log) {
      const found = [], wide = high / low > 1e4;
      for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++)
        for (const of of wide ? [1] : [1, 2, 5]) if (of * 10 ** power >= low * 0.999 && of * 10 ** power <= high * 1.001) found.push(of * 10 ** power);
      if (found.length > 1) return found;
    }
    const rough = (high - low) / 5 || 1, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map(of => of * power).find(step => step >= rough), found = [];
    for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-6; value += step) found.push(+value.toPrecision(10));
    return found;
  }

  /* One line a run, and of a group of several the mean at epochs that all of them have. */
  function collect() {
    const groups = new Map(), key = show.value;
    for (const { r, y } of data.curves) {
      const run = data.runs[r];
      if (!fits[r] || !y[key]) continue;
      const [axis, values] = y[key], [epochs, ...others] = axes[axis];
      const points = epochs.map((epoch, i) => ({ at: [epoch, others[0][i], others[1][i]], y: values[i] })).filter(point => point.y !== null);
      if (!groups.has(run.g)) groups.set(run.g, []);
      groups.get(run.g).push({ group: run.g, points, dead: run.d, name: `seed ${run.seed}` });
    }
    return groups;
  }
  function mean(runs) {
    const found = new Map();
    for (const { points } of runs) for (const point of points) found.set(point.at[0], [...(found.get(point.at[0]) ?? []), point]);
    const of = (points, value) => points.reduce((sum, point) => sum + value(point), 0) / points.length;
    const points = [...found].filter(([, all]) => all.length === runs.length).sort((a, b) => a[0] - b[0])
      .map(([, all]) => ({ at: [0, 1, 2].map(unit => of(all, point => point.at[unit])), y: of(all, point => point.y) }));
    return { group: runs[0].group, points, name: `mean of ${runs.length} seeds`, mean: true };
  }

  function draw() {
    const width = Math.max(280, chart.clientWidth - 14), height = width < 600 ? 300 : 400;
    const edge = { left: 54, right: 14, top: 12, bottom: 44 }, unit = +state.unit, logx = state.x === "log", logy = state.y === "log";
    const groups = collect(), there = new Set(groups.keys());
    at = null; output.textContent = "";
    svg.replaceChildren(); svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    node("title", {}, svg, `${show.selectedOptions[0].textContent} over ${UNITS[unit]}: ${there.size} lines, whose numbers are in the table below`);
    lines = [];
    for (const [group, runs] of groups) {
      if (hidden.has(group)) continue;
      if (runs.length > 1 && seeds.checked) lines.push(...runs);
      lines.push(runs.length > 1 ? mean(runs) : { ...runs[0], mean: true });
    }
    const usable = point => (!logx || point.at[unit] > 0) && (!logy || point.y > 0);
    for (const line of lines) line.points = line.points.filter(usable);
    const all = lines.flatMap(line => line.points), xs = all.map(point => point.at[unit]), ys = all.map(point => point.y);
    const least = values => values.reduce((a, b) => Math.min(a, b), Infinity), most = values => values.reduce((a, b) => Math.max(a, b), -Infinity);
    const share = data.shows.find(([key]) => key === show.value)[2];
    let [x0, x1] = all.length ? [logx ? least(xs) : 0, most(xs)] : [logx ? 1 : 0, 10];
    let [y0, y1] = all.length ? [least(ys), most(ys)] : [0, 1];
    if (share && !logy) [y0, y1] = [Math.min(0, y0), 1];
    else if (logy) [y0, y1] = [y0 / 1.1, y1 * 1.1];
    else [y0, y1] = [y0 - 0.05 * (y1 - y0 || 1), y1 + 0.05 * (y1 - y0 || 1)];
    if (x1 <= x0) x1 = x0 + 1;
    const scale = (low, high, from, to, log) => value => log
      ? from + (to - from) * Math.log(value / low) / Math.log(high / low) : from + (to - from) * (value - low) / (high - low);
    const x = scale(x0, x1, edge.left, width - edge.right, logx), y = scale(y0, y1, height - edge.bottom, edge.top, logy);

    let last = -Infinity;
    for (const tick of ticks(x0, x1, logx)) {
      node("path", { class: "grid", d: `M${x(tick)} ${edge.top}V${height - edge.bottom}` }, svg);
      if (x(tick) - last < 44) continue;
      last = x(tick);
      node("text", { x: last, y: height - edge.bottom + 17, "text-anchor": last > width - 40 ? "end" : "middle" }, svg, number(tick));
    }
    for (const tick of ticks(y0, y1, logy)) {
      node("path", { class: "grid", d: `M${edge.left} ${y(tick)}H${width - edge.right}` }, svg);
      node("text", { x: edge.left - 7, y: y(tick) + 4, "text-anchor": "end" }, svg, number(tick));
    }
    node("text", { x: (edge.left + width - edge.right) / 2, y: height - 6, "text-anchor": "middle" }, svg, UNITS[unit]);
    if (share === "accuracy" && data.chance && data.chance >= y0) {
      node("path", { class: "chance", d: `M${edge.left} ${y(data.chance)}H${width - edge.right}` }, svg);
      node("text", { x: width - edge.right - 3, y: y(data.chance) - 4, "text-anchor": "end" }, svg, "chance");
    }
    for (const line of lines) {
      line.pixels = line.points.map(point => [x(point.at[unit]), y(point.y)]);
      const path = line.pixels.map(([px, py], i) => `${i ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
      const look = { stroke: color(line.group), "stroke-dasharray": dashes(line.group) };
      line.drawn = [node("path", { class: line.mean ? "mean" : "seed", d: path, ...look }, svg)];
      if (line.dead && line.pixels.length) {
        const [px, py] = line.pixels.at(-1);
        line.drawn.push(node("path", { class: "death", stroke: look.stroke, d: `M${px - 4} ${py - 4}l8 8m0 -8l-8 8` }, svg));
      }
    }
    if (!all.length) node("text", { x: width / 2, y: height / 2, "text-anchor": "middle" }, svg, "nothing that is chosen has this curve");
    key(there);
  }
  const color = group => `var(--c${group % 7})`, dashes = group => DASHES[group % 4];

  function key(there) {
    const focused = document.activeElement?.dataset?.group;
    legend.replaceChildren(...[...there].sort((a, b) => a - b).map(group => {
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button"; button.dataset.group = group;
      button.setAttribute("aria-pressed", String(!hidden.has(group)));
      const sample = node("svg", { width: 34, height: 10, "aria-hidden": "true" }, button);
      node("path", { d: "M0 5H34", stroke: color(group), "stroke-width": 3, "stroke-dasharray": dashes(group) }, sample);
      button.append(data.groups[group]);
      button.addEventListener("click", () => { hidden.delete(group) || hidden.add(group); draw(); });
      for (const [event, of] of [["pointerenter", group], ["focus", group], ["pointerleave", null], ["blur", null]]) button.addEventListener(event, () => highlight(of));
      item.append(button);
      return item;
    }));
    if (focused !== undefined) legend.querySelector(`[data-group="${focused}"]`)?.focus();
  }
  function highlight(group) {
    for (const line of lines) for (const drawn of line.drawn) drawn.classList.toggle("dim", group !== null && line.group !== group);
  }

  /* What a point says, beside it. */
  function say(found) {
    at = found;
    svg.querySelector(".at")?.remove();
    highlight(found ? found.line.group : null);
    if (!found) { output.textContent = ""; return; }
    const { line, i } = found, { at: [epoch, step, images], y } = line.points[i], [px, py] = line.pixels[i];
    node("circle", { class: "at", cx: px, cy: py, r: 5, fill: color(line.group), stroke: "var(--back)", "stroke-width": 2 }, svg);
    output.textContent = `${data.groups[line.group]}, ${line.name}: ${number(y)} after ${number(epoch)} epochs, ${number(step)} steps, ${number(images)} images${line.dead && i === line.points.length - 1 ? "; dead" : ""}`;
    const ratio = svg.clientWidth / svg.viewBox.baseVal.width, right = px > svg.viewBox.baseVal.width / 2;
    output.style.left = right ? "" : `${px * ratio + 20}px`;
    output.style.right = right ? `${(svg.viewBox.baseVal.width - px) * ratio + 20}px` : "";
    output.style.top = `${Math.max(4, py * ratio - 20)}px`;
  }
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect(), ratio = svg.viewBox.baseVal.width / box.width;
    const mx = (event.clientX - box.left) * ratio, my = (event.clientY - box.top) * ratio;
    let best = null, near = 40 ** 2;
    for (const line of lines) line.pixels.forEach(([px, py], i) => { // the nearest piece of a line, and of its ends the nearer
      const [qx, qy] = line.pixels[Math.max(0, i - 1)], dx = px - qx, dy = py - qy;
      const along = Math.min(1, Math.max(0, ((mx - qx) * dx + (my - qy) * dy) / (dx * dx + dy * dy || 1)));
      const far = (qx + along * dx - mx) ** 2 + (qy + along * dy - my) ** 2 + (line.mean ? 0 : 4);
      if (far < near) { near = far; best = { line, i: along < 0.5 ? Math.max(0, i - 1) : i }; }
    });
    if (best?.line !== at?.line || best?.i !== at?.i) say(best);
  });
  svg.addEventListener("pointerleave", () => say(null));
  chart.addEventListener("blur", () => say(null));
  chart.addEventListener("keydown", event => {
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key], across = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const means = lines.filter(line => line.mean && line.points.length);
    if (event.key === "Escape") say(null);
    if (!(along || across) || !means.length) return;
    event.preventDefault();
    const line = at?.line.mean ? at.line : means[0], last = line.points.length - 1;
    if (!at || along) return say({ line, i: at ? Math.min(last, Math.max(0, at.i + along)) : last });
    const other = means[(means.indexOf(line) + across + means.length) % means.length];
    const epoch = line.points[Math.min(at.i, last)].at[0];
    const i = other.points.findIndex(point => point.at[0] >= epoch);
    say({ line: other, i: i < 0 ? other.points.length - 1 : i });
  });

  for (const button of root.querySelectorAll(".switch button")) {
    const { name, value } = button.dataset;
    button.setAttribute("aria-pressed", String(state[name] === value));
    button.addEventListener("click", () => {
      state[name] = value;
      for (const other of button.parentElement.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
      draw();
    });
  }
  show.addEventListener("input", draw);
  seeds.addEventListener("input", draw);
  let width = chart.clientWidth;
  new ResizeObserver(() => { if (chart.clientWidth !== width) { width = chart.clientWidth; draw(); } }).observe(chart);
  return now => { fits = now; draw(); };
}
