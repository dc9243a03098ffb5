// The editor of centroids in the page. It owns where the centroids are; the session answers each state with the paths that a
// model takes to learn it. While an answer is on its way further moves are kept back, and only the newest is sent.

const SVG = "http://www.w3.org/2000/svg";
const COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];
const SIDE = 430; // of the plane, in pixels
const MARGIN = { left: 42, right: 14, top: 12, bottom: 36 };
const LOSS = { width: 330, height: 430 };

const make = (tag, attributes = {}, parent) => {
  const e = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  parent?.append(e);
  return e;
};

const html = (tag, properties = {}, ...children) => {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children);
  return e;
};

// steps returns round numbers from lo to hi, about n of them.
function steps(lo, hi, n) {
  const raw = (hi - lo) / n;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw);
  const list = [];
  for (let k = Math.ceil(lo / step - 1e-9); k * step <= hi + 1e-9; k++) list.push(Number((k * step).toPrecision(12)));
  return list;
}

const minus = v => String(v).replace("-", "−");

// Frame maps a rectangle of numbers to one of pixels.
class Frame {
  constructor(x0, x1, y0, y1, width, height) { Object.assign(this, { x0, x1, y0, y1, width, height }); }
  x(v) { return MARGIN.left + (v - this.x0) / (this.x1 - this.x0) * (this.width - MARGIN.left - MARGIN.right); }
  y(v) { return this.height - MARGIN.bottom - (v - this.y0) / (this.y1 - this.y0) * (this.height - MARGIN.top - MARGIN.bottom); }
  back(px, py) {
    return [
      this.x0 + (px - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right) * (this.x1 - this.x0),
      this.y0 + (this.height - MARGIN.bottom - py) / (this.height - MARGIN.top - MARGIN.bottom) * (this.y1 - this.y0),
    ];
  }
  line(xs, ys) {
    let d = "";
    for (let i = 0; i < xs.length; i++) d += `${i ? "L" : "M"}${this.x(xs[i]).toFixed(1)} ${this.y(ys[i]).toFixed(1)}`;
    return d;
  }
  // axes draws both axes with numbers and names.
  axes(parent, xname, yname) {
    const g = make("g", { stroke: "#222", "stroke-width": .8, fill: "none" }, parent);
    const left = MARGIN.left, bottom = this.height - MARGIN.bottom;
    make("path", { d: `M${left} ${MARGIN.top}V${bottom}H${this.width - MARGIN.right}` }, g);
    const text = (x, y, s, more = {}) => {
      const t = make("text", { x, y, "font-size": 11, "text-anchor": "middle", stroke: "none", ...more }, g);
      t.textContent = s;
    };
    for (const v of steps(this.x0, this.x1, 5)) {
      make("path", { d: `M${this.x(v)} ${bottom}v4` }, g);
      text(this.x(v), bottom + 16, minus(v));
    }
    for (const v of steps(this.y0, this.y1, 5)) {
      make("path", { d: `M${left} ${this.y(v)}h-4` }, g);
      text(left - 7, this.y(v) + 4, minus(v), { "text-anchor": "end" });
    }
    text((left + this.width - MARGIN.right) / 2, this.height - 5, xname);
    text(11, (MARGIN.top + bottom) / 2, yname, { transform: `rotate(-90 11 ${(MARGIN.top + bottom) / 2})` });
  }
}

// frameOf fits a square plane around points, with room to move.
function frameOf(centroids) {
  const xs = [0, ...centroids.map(c => c.x)], ys = [0, ...centroids.map(c => c.y)];
  const mx = (Math.min(...xs) + Math.max(...xs)) / 2, my = (Math.min(...ys) + Math.max(...ys)) / 2;
  const half = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 1) * .68;
  return new Frame(mx - half, mx + half, my - half, my + half, SIDE, SIDE);
}

function render({ model, el }) {
  const quiet = new AbortController();
  const on = (node, name, f) => node.addEventListener(name, f, { signal: quiet.signal });
  let centroids = structuredClone(model.get("centroids"));
  let chosen = -1, adding = false, dragging = null;
  let frame = frameOf(centroids);

  // What goes out: one state at a time, the newest.
  let waiting = false, queued = null;
  const answers = () => { waiting = false; if (queued) { const q = queued; queued = null; send(q); } };
  function send(state) {
    if (waiting) { queued = { ...queued, ...state }; return; }
    // What changes nothing is not answered.
    const changes = Object.entries(state).filter(([name, value]) => JSON.stringify(model.get(name)) !== JSON.stringify(value));
    if (changes.length === 0) return;
    waiting = true;
    for (const [name, value] of changes) model.set(name, value);
    model.save_changes();
  }
  const move = () => { send({ centroids: structuredClone(centroids) }); draw(); };
  const released = () => {
    // After the last state has been answered, the session keeps the picture.
    const wait = () => { if (waiting || queued) setTimeout(wait, 20); else { model.set("released", model.get("released") + 1); model.save_changes(); } };
    wait();
  };

  const root = html("div", { className: "swingby-centroids" });
  const button = (text, title, f) => {
    const b = html("button", { type: "button", textContent: text, title });
    on(b, "click", f);
    return b;
  };
  const add = button("Add", "then click where the new centroid is to stand", () => { adding = !adding; draw(); });
  const role = button("Train ⇄ probe", "train on the chosen centroid, or only look at it (T)", () => change(c => { c.role = c.role === "train" ? "probe" : "train"; }));
  const remove = button("Remove", "remove the chosen centroid (Delete)", () => drop());
  const kind = html("select", { title: "what learns" },
    html("option", { value: "symmetric", textContent: "symmetric UUᵀx" }), html("option", { value: "mlp", textContent: "two layers, ReLU" }));
  const range = (name, min, max, step, show) => {
    const input = html("input", { type: "range", min, max, step }), shown = html("output");
    return { input, shown, label: html("label", {}, name, input, shown), set(v) { input.value = v; shown.textContent = show(Number(v)); } };
  };
  const sigma = range("σ", 0, 1, .01, v => v.toFixed(2));
  const scale = range("start", -2, 0, .05, v => (10 ** v).toPrecision(2));
  root.append(html("div", { className: "bar" }, add, role, remove, kind, sigma.label, scale.label));
  const plane = make("svg", { class: "plane", width: SIDE, height: SIDE, viewBox: `0 0 ${SIDE} ${SIDE}`, role: "application", "aria-label": "centroids in the plane of two concepts" });
  const losses = make("svg", { class: "losses", width: LOSS.width, height: LOSS.height, viewBox: `0 0 ${LOSS.width} ${LOSS.height}`, role: "img", "aria-label": "loss at the probes" });
  const says = html("div", { className: "says" });
  says.setAttribute("role", "status");
  root.append(html("div", { className: "panels" }, plane, losses), says);
  el.append(root);

  on(kind, "change", () => { send({ model: kind.value }); released(); });
  on(sigma.input, "input", () => { sigma.set(sigma.input.value); send({ sigma: Number(sigma.input.value) }); });
  on(scale.input, "input", () => { scale.set(scale.input.value); send({ scale: 10 ** Number(scale.input.value) }); });
  for (const r of [sigma, scale]) on(r.input, "change", released);

  // draw has everything put where it is now, once a frame however much has moved.
  let asked = false, moved = false;
  const draw = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      if (moved) send({ centroids: structuredClone(centroids) });
      moved = false;
      paint();
    });
  };
  // paint does it. What has not changed stays: axes while the frame does, losses while the lesson does, and handles, so
  // that a hand or the keyboard keeps hold of one.
  let handles = [], drawn = "", framed, learnt;
  const back = make("g", { class: "back" }, plane), paths = make("g", {}, plane);
  function paint() {
    const lesson = model.get("lesson");
    add.classList.toggle("on", adding);
    plane.classList.toggle("adding", adding);
    role.disabled = remove.disabled = chosen < 0;
    if (framed !== frame) {
      framed = frame;
      back.replaceChildren();
      frame.axes(back, "concept 1", "concept 2");
    }
    const shown = lesson.paths.slice(0, centroids.length);
    while (paths.childElementCount > 2 * shown.length) paths.lastChild.remove();
    shown.forEach((points, i) => {
      const color = COLORS[i % COLORS.length];
      if (paths.childElementCount <= 2 * i) {
        make("path", { class: "path", fill: "none", stroke: color, "stroke-linejoin": "round", "clip-path": "none" }, paths);
        make("circle", { r: 2.2, fill: color }, paths);
      }
      const [path, start] = [paths.children[2 * i], paths.children[2 * i + 1]];
      const xs = points.filter((_, k) => k % 2 === 0), ys = points.filter((_, k) => k % 2 === 1);
      path.setAttribute("d", frame.line(xs, ys));
      path.setAttribute("stroke-width", centroids[i].role === "probe" ? 2.4 : 1.3);
      start.setAttribute("cx", frame.x(xs[0]));
      start.setAttribute("cy", frame.y(ys[0]));
    });
    const looks = JSON.stringify(centroids.map(c => [c.label, c.role]));
    if (learnt !== lesson || looks !== drawn) {
      learnt = lesson;
      drawLosses(lesson);
    }
    if (looks !== drawn) {
      drawn = looks;
      const focused = handles.includes(document.activeElement);
      handles.forEach(h => h.remove());
      handles = centroids.map((c, i) => handle(c, i));
      if (focused) handles[chosen]?.focus({ preventScroll: true });
    }
    centroids.forEach((c, i) => {
      handles[i].setAttribute("transform", `translate(${frame.x(c.x)} ${frame.y(c.y)})`);
      handles[i].setAttribute("aria-label", `${c.label}, ${c.role}, at ${c.x.toFixed(2)}, ${c.y.toFixed(2)}`);
      handles[i].classList.toggle("chosen", i === chosen);
    });
    const said = lesson.problem || lesson.says;
    if (says.textContent !== said) says.textContent = said;
    says.classList.toggle("problem", Boolean(lesson.problem));
  }

  function handle(c, i) {
    const color = COLORS[i % COLORS.length];
    const g = make("g", { class: `handle${i === chosen ? " chosen" : ""}`, tabindex: 0, role: "button" }, plane);
    make("circle", { class: "halo", r: 11, fill: "#fff", "fill-opacity": .01, stroke: "none" }, g);
    if (c.role === "probe") make("circle", { r: 6, fill: "none", stroke: color, "stroke-width": 2 }, g);
    else make("rect", { x: -4.5, y: -4.5, width: 9, height: 9, fill: color }, g);
    make("text", { x: 9, y: -8, "font-size": 13 }, g).textContent = c.label;
    on(g, "pointerdown", e => {
      if (adding) return;
      chosen = i;
      dragging = i;
      plane.setPointerCapture(e.pointerId);
      handles.forEach((h, k) => h.classList.toggle("chosen", k === i));
      role.disabled = remove.disabled = false;
      e.preventDefault();
      g.focus({ preventScroll: true });
    });
    on(g, "focus", () => { chosen = i; role.disabled = remove.disabled = false; handles.forEach((h, k) => h.classList.toggle("chosen", k === i)); });
    on(g, "keydown", e => {
      const by = (frame.x1 - frame.x0) / (e.shiftKey ? 20 : 100);
      const to = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[e.key];
      if (to) change(c => { c.x += to[0]; c.y += to[1]; });
      else if (e.key === "Delete" || e.key === "Backspace") drop();
      else if (e.key === "t" || e.key === "T") role.click();
      else return;
      e.preventDefault();
      e.stopPropagation(); // JupyterLab has keys of its own
    });
    return g;
  }

  function change(f) {
    if (chosen < 0) return;
    f(centroids[chosen]);
    move();
    released();
  }

  function drop() {
    if (chosen < 0 || centroids.length < 2) return;
    centroids.splice(chosen, 1);
    chosen = -1;
    move();
    released();
  }

  // place returns where in the plane a pointer is.
  function place(e) {
    const box = plane.getBoundingClientRect();
    return frame.back((e.clientX - box.left) * SIDE / box.width, (e.clientY - box.top) * SIDE / box.height);
  }

  on(plane, "pointerdown", e => {
    if (!adding) return;
    const [x, y] = place(e);
    let n = centroids.length + 1;
    while (centroids.some(c => c.label === String(n))) n++;
    centroids.push({ label: String(n), x, y, role: "train", weight: 0 });
    chosen = centroids.length - 1;
    adding = false;
    move();
    released();
  });
  on(plane, "pointermove", e => {
    if (dragging === null) return;
    const [x, y] = place(e);
    Object.assign(centroids[dragging], { x, y });
    moved = true; // one state a frame is all a screen shows
    draw();
  });
  const letGo = () => {
    if (dragging === null) return;
    dragging = null;
    frame = frameOf(centroids);
    move();
    released();
  };
  on(plane, "pointerup", letGo);
  on(plane, "pointercancel", letGo);

  function drawLosses(lesson) {
    losses.replaceChildren();
    if (lesson.losses.length === 0) return;
    const top = Math.max(...lesson.losses.flatMap(l => l.y), 1e-6);
    const f = new Frame(0, lesson.losses[0].end, 0, top * 1.05, LOSS.width, LOSS.height);
    f.axes(losses, "updates", "loss at the probes");
    let row = 0;
    for (const l of lesson.losses) {
      const i = centroids.findIndex(c => c.label === l.label);
      const color = COLORS[Math.max(i, 0) % COLORS.length];
      const xs = l.y.map((_, k) => l.end * k / (l.y.length - 1));
      make("path", { d: f.line(xs, l.y), fill: "none", stroke: color, "stroke-width": 2, "stroke-linejoin": "round" }, losses);
      const y = MARGIN.top + 8 + 16 * row++;
      make("path", { d: `M${LOSS.width - 90} ${y}h22`, stroke: color, "stroke-width": 2 }, losses);
      make("text", { x: LOSS.width - 62, y: y + 4, "font-size": 12 }, losses).textContent = l.label;
    }
  }

  const fromSession = () => {
    kind.value = model.get("model");
    sigma.set(model.get("sigma"));
    scale.set(Math.log10(model.get("scale")));
  };
  const learned = () => { root.dataset.lessons = Number(root.dataset.lessons ?? 0) + 1; answers(); draw(); };
  const replaced = () => { if (dragging === null && !waiting) { centroids = structuredClone(model.get("centroids")); frame = frameOf(centroids); draw(); } };
  model.on("change:lesson", learned);
  model.on("change:centroids", replaced);
  fromSession();
  paint();
  return () => {
    quiet.abort();
    model.off("change:lesson", learned);
    model.off("change:centroids", replaced);
  };
}

export default { render };
