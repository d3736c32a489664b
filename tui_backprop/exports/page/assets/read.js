// The walk as it was exported: which step is which, what entries are called, what is known when.

const $ = (id) => document.getElementById(id);
const walk = JSON.parse($("walk").textContent);
const { iterations } = walk; // of a training; one where nothing is trained
const LAST = walk.length - 1;

let language = walk.language;

const label = (name) => walk.labels[language][name];

// Those of the iteration that the step belongs to, see `stepAt`.
let own = iterations[0];
let { nodes, passes, edges } = own;

const split = (text) => (text ? text.split(" ") : []);
const integers = (text) => Int32Array.from(split(text));

/** Flat positions; where none are written all of them are 0. */
const positions = (text, count) => (text === undefined ? new Int32Array(count) : integers(text));

// What every node and edge has, where the export left it out.
for (const [number, one] of iterations.entries()) {
  const { nodes, passes, edges } = one;
  const end = iterations[number + 1]?.start ?? walk.length;
  Object.assign(one, { number, firstUpdate: end - (one.updates?.length ?? 0) });
  for (const node of nodes) {
    node.shape ??= [];
    node.parents ??= [];
    node.role ??= "op";
    node.symbol ??= node.label;
    node.adjoint ??= `${node.label}.${walk.forward ? "tangent" : "grad"}`;
    node.vector = walk.ownV ? node.adjoint : label("vector");
    const isOwn = walk.ownV || (node.role === "input" && !walk.forward);
    node.vectorIs = isOwn ? node.vector : `${node.vector} = ${node.adjoint}`;
  }
  for (const [p, pass] of passes.entries()) {
    let first = pass.k + (pass.seeds?.length ?? 1);
    for (let at = pass.edges?.[0]; at < pass.edges?.[1]; at++) {
      const edge = edges[at];
      const m = nodes[edge.n].parents[edge.a];
      const [source, target] = walk.forward ? [m, edge.n] : [edge.n, m];
      Object.assign(edge, { p, m, source, target, k: first, l: edge.l ?? 1 });
      first += edge.l;
    }
  }
}

/**
 * The columns of an edge, read when the edge is first shown. A step adds to an entry of the target,
 * what it takes is an entry of the source; the steps go entry by entry.
 */
function columns(edge) {
  if (!edge.read) {
    const at = (field) => (typeof field === "number" ? () => field : ((all) => (t) => all[t])(integers(field)));
    const [j, i] = [positions(edge.j, edge.l), positions(edge.i, edge.l)];
    edge.read = {
      j, i, entry: walk.forward ? j : i, taken: walk.forward ? i : j,
      d: split(edge.d), c: split(edge.c), s: split(edge.s),
      f: at(edge.f), w: at(edge.w), unknown: new Set(edge.unknown),
      open: null,
    };
  }
  return edge.read;
}

/** Where the flat positions of each step's formula begin. */
function openNames(edge) {
  const read = columns(edge);
  if (!read.open) {
    read.open = { starts: new Int32Array(edge.l + 1) };
    for (let t = 0; t < edge.l; t++) {
      const number = read.f(t);
      read.open.starts[t + 1] = read.open.starts[t] + (number < 0 ? 0 : walk.formulas[number][3].length);
    }
  }
  read.open.flats ??= positions(edge.e, read.open.starts[edge.l]);
  return read.open;
}

/** The last place of a sorted range whose key is at most k; -1 for none. */
function lastUpTo(count, key, k) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(middle) <= k) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What step k is: its phase, node, and of a partial all of it. */
function stepAt(k) {
  own = iterations[lastUpTo(iterations.length, (at) => iterations[at].start, k)];
  ({ nodes, passes, edges } = own);
  const node = k - own.start;
  if (node < nodes.length) return { k, phase: "build", node, w: nodes[node].w, equation: nodes[node].equation ?? [built(nodes[node])] };
  if (k >= own.firstUpdate) {
    const { n, i, w, equation } = own.updates[k - own.firstUpdate];
    return { k, phase: "update", number: passes.length - 1, pass: passes[passes.length - 1], node: n, entry: i, w, equation };
  }
  const number = lastUpTo(passes.length, (at) => passes[at].k, k);
  const pass = passes[number];
  if (pass.zero) return { k, phase: "zero_grad", number, pass, node: nodes.length - 1, w: pass.w, equation: pass.equation };
  const seed = pass.seeds[k - pass.k];
  if (seed) return { k, phase: "seed", number, pass, node: seed.n, w: seed.w, equation: seed.equation };
  const [first, end] = pass.edges;
  const edge = edges[first + lastUpTo(end - first, (at) => edges[first + at].k, k)];
  const t = k - edge.k;
  const read = columns(edge);
  const [entry, taken] = [read.entry[t], read.taken[t]];
  const step = { k, phase: "partial", number, pass, edge, t, node: edge.n, w: read.w(t), j: read.j[t], i: read.i[t], entry, taken };
  if (read.unknown.has(t)) return { ...step, unknown: true };
  const before = t && read.entry[t - 1] === entry ? read.s[t - 1] : beforeEdge(edge)?.[entry] ?? null;
  return { ...step, v: vector(pass, edge.source)[taken], partial: read.d[t], added: read.c[t], before, after: read.s[t] };
}

/** The formula of a node that is a number. */
function built({ label, text, value }) {
  return [...new Set([label, text, shown(value)])].filter((one) => one !== undefined).join(" = ");
}

const size = (node) => node.shape.reduce((a, b) => a * b, 1);

/** Coordinates as they are counted on the page. */
function coordinates(shape, flat) {
  const found = [];
  for (const length of [...shape].reverse()) {
    found.unshift((flat % length) + walk.subscripts);
    flat = Math.floor(flat / length);
  }
  return found;
}

/** A flat position as subscripts. */
function index(shape, flat) {
  if (!shape.length) return "";
  const comma = Math.max(...shape) - 1 + walk.subscripts > 9 ? "," : "";
  const lowered = (n) => [...String(n)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");
  return coordinates(shape, flat).map(lowered).join(comma);
}

const entry = (n, flat) => nodes[n].symbol + index(nodes[n].shape, flat);
const cotangent = (n, flat) => nodes[n].vector + index(nodes[n].shape, flat);
const gradientName = (n, flat) => nodes[n].adjoint + index(nodes[n].shape, flat);
const partialName = (step) => `∂${entry(step.edge.n, step.j)}/∂${entry(step.edge.m, step.i)}`;

/** The value of a node as texts; null where it was not saved or is cut off. */
function value(node) {
  if (node.value === undefined) return null;
  return (node.values ??= split(node.value));
}

/** The value of a node after a step, updated as far as that is. */
function valueAt(n, step) {
  const found = value(nodes[n]);
  if (step.phase !== "update" || !found) return found;
  const updated = [...found];
  for (const one of own.updates.slice(0, step.k - own.firstUpdate + 1)) if (one.n === n) updated[one.i] = one.after;
  return updated;
}

/** The edges of a pass that add to each node, in walking order. */
function edgesInto(pass, n) {
  if (!pass.into) {
    pass.into = new Map();
    for (let at = pass.edges[0]; at < pass.edges[1]; at++) {
      const { target } = edges[at];
      if (!pass.into.has(target)) pass.into.set(target, []);
      pass.into.get(target).push(edges[at]);
    }
  }
  return pass.into.get(n) || [];
}

/** Where each entry that an edge adds to begins among its steps: [entry, first step, step behind it]. */
function runs(edge) {
  const read = columns(edge);
  if (!read.runs) {
    read.runs = [];
    for (let t = 0; t < edge.l; t++) {
      if (t && read.entry[t] === read.entry[t - 1]) read.runs[read.runs.length - 1][2] = t + 1;
      else read.runs.push([read.entry[t], t, t + 1]);
    }
  }
  return read.runs;
}

/** What a pass places on a node; undefined for nothing. */
const seedOn = (pass, n) => pass.seeds.find((seed) => seed.n === n);

/** A node's adjoint before any edge of a pass. */
function initial(pass, n) {
  const seed = seedOn(pass, n);
  const text = seed ? seed.whole ?? seed.v : pass.initial[n];
  return text === undefined ? null : split(text);
}

/** What is there after an edge, of what was before it. */
function added(edge, before) {
  if (edge.after !== undefined) return edge.after ? split(edge.after) : null;
  const found = before ? [...before] : new Array(size(nodes[edge.target])).fill("0");
  for (const [i, , end] of runs(edge)) found[i] = columns(edge).s[end - 1];
  return found;
}

/** The adjoint of a node after its first edges of a pass; the longest that was asked for stays. */
function after(pass, n, count) {
  const all = edgesInto(pass, n);
  if (seedOn(pass, n)) return initial(pass, n);
  let kept = (pass.kept ??= new Map()).get(n);
  if (!kept || kept.count > count) kept = { count: 0, sums: initial(pass, n) };
  let { sums } = kept;
  for (let at = kept.count; at < count; at++) sums = added(all[at], sums);
  pass.kept.set(n, { count, sums });
  return sums;
}

function beforeEdge(edge) {
  const pass = passes[edge.p];
  return after(pass, edge.target, edgesInto(pass, edge.target).indexOf(edge));
}

/** The vector that is pulled back through a node, or pushed forward: all that has arrived there. */
function vector(pass, n) {
  pass.vectors ??= new Map();
  if (!pass.vectors.has(n)) pass.vectors.set(n, after(pass, n, edgesInto(pass, n).length));
  return pass.vectors.get(n) || [];
}

/** How many edges into a node are done by a step. */
function doneBy(pass, n, k) {
  return lastUpTo(edgesInto(pass, n).length, (at) => edgesInto(pass, n)[at].k + edgesInto(pass, n)[at].l, k + 1) + 1;
}

/** All entries of a node's adjoint after a step, null where nothing is known yet. */
function adjoint(n, step) {
  const none = new Array(size(nodes[n])).fill(null);
  if (step.phase === "build") return own.initial?.[n] === undefined ? none : split(own.initial[n]);
  if (step.pass.zero) return walk.inputs.includes(n) ? none.fill("0") : none;
  if (step.pass.seeds.findIndex((seed) => seed.n === n) > step.k - step.pass.k) return none;
  const done = doneBy(step.pass, n, step.k);
  const before = after(step.pass, n, done);
  const found = before ? [...before] : none;
  const { edge } = step;
  if (!edge || edge.target !== n || step.t === edge.l - 1) return found;
  const whole = added(edge, before);
  const { entry } = step;
  if (whole) for (let i = 0; i < entry; i++) found[i] = whole[i];
  const isLast = columns(edge).entry[step.t + 1] !== entry;
  if (!step.unknown) found[entry] = step.after;
  else if (isLast && whole) found[entry] = whole[entry]; // recorded, unlike its summands
  return found;
}

/** The summands of one entry after a step, in the order they were added; null for one number. */
function terms(n, flat, step) {
  if (step.phase === "build") return own.initial?.[n] === undefined ? [] : [split(own.initial[n])[flat]];
  if (step.pass.zero) return [];
  const found = [];
  const { pass, edge } = step;
  const start = pass.initial[n];
  if (start !== undefined) found.push(split(start)[flat]);
  const seed = seedOn(pass, n);
  if (seed) found.push(split(seed.v)[flat]);
  const all = edgesInto(pass, n);
  for (const one of all) {
    if (one === edge || one.k > step.k) break;
    if (one.k + one.l <= step.k + 1) found.push(edgeEntry(one, flat));
  }
  if (!edge || edge.target !== n || flat > step.entry) return found;
  const at = lastUpTo(runs(edge).length, (r) => runs(edge)[r][0], flat);
  if (at < 0 || runs(edge)[at][0] !== flat) return found;
  const [, first, end] = runs(edge)[at];
  return [...found, ...columns(edge).c.slice(first, Math.min(end, step.t + 1))];
}

/** What an edge added to one entry in all. */
function edgeEntry(edge, flat) {
  const all = runs(edge);
  const at = lastUpTo(all.length, (r) => all[r][0], flat);
  if (at < 0 || all[at][0] !== flat) return "0";
  const [, first, end] = all[at];
  if (end - first === 1) return columns(edge).c[first];
  edge.totals ??= (() => {
    const texts = split(edge.t);
    const wide = all.filter(([, from, to]) => to - from > 1);
    return new Map(wide.map(([i], number) => [i, texts[number]]));
  })();
  return edge.totals.get(flat) ?? "?";
}

/** The notes that hang on a step. */
function notesAt(k) {
  const at = lastUpTo(walk.noted.length, (run) => walk.noted[run][0], k);
  return at < 0 ? [] : walk.noted[at][1];
}
