// What stands on the page at a step. Of what is large a part around the step is drawn.

/** An element with text or with children, never with markup. */
function make(tag, options = {}, ...children) {
  const { go, ...rest } = options;
  const found = document.createElement(tag);
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || value === false) continue;
    if (name === "class") found.className = value;
    else found.setAttribute(name, value === true ? "" : value);
  }
  if (go !== undefined && go !== null) found.dataset.go = go;
  found.append(...children);
  return found;
}

const put = (id, ...children) => $(id).replaceChildren(...children);

/** The part of a length that is shown around a place. */
function part(length, around, most) {
  const first = Math.max(0, Math.min(around - (most >> 1), length - most));
  return { first, end: Math.min(length, first + most), before: first > 0, behind: first + most < length };
}

/** How many rows and columns there is room for. */
function room() {
  const [cells, lines] = [window.innerWidth, window.innerHeight];
  const line = 1.75 * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const isWide = cells >= 62 * 16;
  return {
    columns: cells < 520 ? 4 : cells < 1000 ? 6 : cells < 1700 ? 5 : 7,
    rows: isWide ? Math.max(3, Math.min(14, Math.floor((lines * 0.4) / line) - 5)) : 6,
    tape: isWide ? 40 : 8,
  };
}

function drawStep(step) {
  put("equations", ...equations(step).map((pieces) => make("p", {},
    ...pieces.flatMap((piece, at) => [at ? " " : "", make("span", { class: at && at === pieces.length - 1 ? "result" : undefined }, piece)]))));
  put("sentences", ...sentences(step).map((text) => make("p", {}, text)));
}

/** The class of a number by its sign, which the number has as well. */
function sign(text) {
  if (text === null || text === "?") return "unknown";
  if (text === "nan" || text.endsWith("inf")) return "broken";
  return text.startsWith("-") ? "negative" : text === "0" ? "zero" : "positive";
}

function drawJacobian(step) {
  const { edge } = step;
  const losses = lossesUpTo(step);
  if (losses) return drawLosses(losses);
  $("jacobian-name").textContent = edge ? jacobianTitle(edge) : walk.ownJ ? "∂" : "J";
  if (!edge) return put("jacobian-cells", make("p", { class: "aside" }, label("noJ")));
  const [y, x] = [nodes[edge.n], nodes[edge.m]];
  const most = room();
  const rows = part(size(y), step.j, most.rows);
  const across = part(size(x), step.i, most.columns);
  const head = make("tr", {}, make("td"), ...gap("th", across.before, "…"),
    ...range(across).map((i) => make("th", { scope: "col", class: i === step.i ? "here" : undefined }, entry(edge.m, i))),
    ...gap("th", across.behind, "…"));
  const body = range(rows).map((j) => make("tr", {},
    make("th", { scope: "row", class: j === step.j ? "here" : undefined }, entry(edge.n, j)),
    ...gap("td", across.before, "…"), ...range(across).map((i) => cell(step, j, i)), ...gap("td", across.behind, "…")));
  const wide = across.end - across.first + 1 + across.before + across.behind;
  const dots = (is) => (is ? [make("tr", { "aria-hidden": true }, make("th", {}, "⋮"), make("td", { colspan: wide }))] : []);
  put("jacobian-cells", make("table", { class: "matrix" }, make("thead", {}, head),
    make("tbody", {}, ...dots(rows.before), ...body, ...dots(rows.behind))));
  bringIntoSight($("jacobian-cells"), $("jacobian-cells").querySelector("td.here"));
}

/** How many iterations have told their loss, while there is no J in its place. */
const lossesUpTo = (step) => (own.loss === undefined || step.edge ? 0 : own.number + (step.phase === "build" ? 0 : 1));

/** The loss of each iteration so far, which leads to its first step. */
function drawLosses(count) {
  $("jacobian-name").textContent = label("loss");
  const rows = part(count, count - 1, room().rows);
  put("jacobian-cells", make("table", {}, ...listed(rows, (at) => make("tr", { go: iterations[at].start },
    make("th", { scope: "row" }, String(at + 1)), make("td", { class: sign(iterations[at].loss) }, shown(iterations[at].loss))))));
}

const range = ({ first, end }) => Array.from({ length: end - first }, (_, at) => first + at);
const gap = (tag, is, sign) => (is ? [make(tag, { class: "gap", "aria-hidden": true }, sign)] : []);

function jacobianTitle(edge) {
  const named = `∂${nodes[edge.n].label}/∂${nodes[edge.m].label}`;
  const shape = `${size(nodes[edge.n])}×${size(nodes[edge.m])}`;
  const rows = said("rows", { y: nodes[edge.n].label, x: nodes[edge.m].label });
  return `${walk.ownJ ? named : `J = ${named}`}  ${shape}  ${rows}`;
}

/** The step of an edge that adds to an entry what it takes from another; -1 for none. */
function visit(edge, entry, taken) {
  const found = runs(edge);
  const at = lastUpTo(found.length, (r) => found[r][0], entry);
  if (at < 0 || found[at][0] !== entry) return -1;
  const [, first, end] = found[at];
  const all = columns(edge).taken;
  const t = first + lastUpTo(end - first, (k) => all[first + k], taken);
  return t >= first && all[t] === taken ? t : -1;
}

function cell(step, j, i) {
  const { edge } = step;
  const [entry, taken] = walk.forward ? [j, i] : [i, j];
  const isKnown = entry < step.entry || (entry === step.entry && taken <= step.taken);
  const t = visit(edge, entry, taken);
  const go = t < 0 ? undefined : edge.k + t;
  if (!isKnown) return make("td", { class: "unknown", go }, "·");
  const text = t < 0 ? "0" : columns(edge).unknown.has(t) ? "?" : columns(edge).d[t];
  const isHere = j === step.j && i === step.i;
  return make("td", { class: `${sign(text)}${isHere ? " here" : ""}`, "aria-current": isHere ? "true" : undefined, go }, shown(text));
}

function drawVector(step) {
  const has = step.phase === "seed" || step.phase === "partial";
  const n = step.edge?.source ?? step.node;
  $("vector-name").textContent = has ? nodes[n].vectorIs : label(walk.ownV ? "ownVector" : "vector");
  if (!has) return put("vector-cells", make("p", { class: "aside" }, label(step.phase === "update" ? "noVUpdate" : "noV")));
  const all = step.phase === "seed" ? split(seedOn(step.pass, n).v) : vector(step.pass, n);
  const shownRows = part(all.length, step.taken ?? 0, room().rows);
  put("vector-cells", make("table", {}, ...listed(shownRows, (j) => {
    const isHere = j === step.taken;
    return make("tr", { class: isHere ? "here" : undefined, "aria-current": isHere ? "true" : undefined },
      make("th", { scope: "row" }, cotangent(n, j)), make("td", { class: "mark" }, isHere ? "▸" : ""),
      make("td", { class: sign(all[j]) }, shown(all[j])));
  })));
}

/** Rows of a part, and a row of dots where something is left out. */
function listed(rows, row) {
  const dots = make("tr", { "aria-hidden": true }, make("th", {}, "⋮"));
  return [...(rows.before ? [dots] : []), ...range(rows).map(row), ...(rows.behind ? [dots.cloneNode(true)] : [])];
}

/** Whose adjoint a step is about. */
function adjointNode(step) {
  if (step.edge) return step.edge.target;
  return step.phase === "update" || step.phase === "seed" ? step.node : walk.inputs[0] ?? step.node;
}

const MOST_TERMS = 8;

function drawGradient(step) {
  const n = adjointNode(step);
  $("gradient-name").textContent = nodes[n].adjoint;
  if (step.phase === "build" && !own.initial) return put("gradient-cells", make("p", { class: "aside" }, label("noSum")));
  const all = adjoint(n, step);
  const rows = part(all.length, step.entry ?? 0, room().rows);
  put("gradient-cells", make("table", {}, ...listed(rows, (i) => gradientRow(step, n, i, all[i]))));
}

function gradientRow(step, n, i, total) {
  const isHere = i === step.entry;
  const summands = total === null ? [] : terms(n, i, step);
  const cut = summands.length > MOST_TERMS ? summands.slice(-MOST_TERMS) : summands;
  const written = cut.length < 2 ? "" : `${cut.length < summands.length ? "… + " : ""}${summed(cut)}`
    .replaceAll(`+ ${MINUS}`, `${MINUS} `).replace(/([+−]) /g, "$1\u00a0"); // a line begins with a sign
  const equal = !written ? "" : cut.length < summands.length ? "=" : equality(total, ...summands.map((text) => [text]));
  const tail = isHere && step.edge && !step.unknown ? `◂ ${step.added.startsWith("-") ? shown(step.added) : `+${step.added}`}` : "";
  return make("tr", { class: isHere ? "here" : undefined, "aria-current": isHere ? "true" : undefined },
    make("th", { scope: "row" }, gradientName(n, i)), make("td", { class: "sum" },
      make("span", {}, written), " ", make("span", {}, equal), " ",
      make("span", { class: sign(total) }, total === null ? "·" : shown(total)), " ", make("span", { class: "change" }, tail)));
}

function drawNotes(step) {
  const here = notesAt(step.k);
  put("note-text", ...(here.length ? here.map((number) => make("p", {}, walk.notes[number][language][0]))
    : [make("p", { class: "aside" }, label("noNote"))]));
}

const MOST_WHOLE = 6;
const MOST_SHOWN = 4;

/** An array on one line, with the brackets of its rows; of a larger one its first entries. */
function summary(texts, shape) {
  if (!texts.length) return "[ ]";
  const told = texts.slice(0, MOST_WHOLE).map((text) => (text === null ? "·" : shown(text)));
  if (!shape.length) return told[0];
  const all = size({ shape }), most = all > MOST_WHOLE ? MOST_SHOWN : all;
  const blocks = shape.slice(1).map((_, axis) => size({ shape: shape.slice(axis + 1) }));
  const between = (k) => {
    const ends = blocks.filter((block) => k % block === 0).length;
    return k ? `${"]".repeat(ends)} ${"[".repeat(ends)}` : "";
  };
  const line = told.slice(0, most).map((text, k) => between(k) + text).join("");
  const isCut = most < all;
  const behind = isCut && shape.length > 1 ? ` (${shape.join("×")})` : "";
  return "[".repeat(shape.length) + line + (isCut ? `${between(most)}…` : "") + "]".repeat(shape.length) + behind;
}

function drawTape(step) {
  const built = step.phase === "build" ? step.node + 1 : nodes.length;
  const rows = part(built, step.node, room().tape);
  const into = step.edge?.m;
  const shownRows = range(rows);
  if (into !== undefined && into < rows.first) shownRows.unshift(into);
  put("tape-rows", make("table", {}, make("tbody", {},
    ...shownRows.flatMap((n) => [...(n === rows.first && rows.before ? [make("tr", { "aria-hidden": true }, make("td"), make("td", {}, "⋮"))] : []), tapeRow(step, n)]),
    ...(rows.behind ? [make("tr", { "aria-hidden": true }, make("td"), make("td", {}, "⋮"))] : []))));
  bringIntoSight($("tape-rows"), $("tape-rows").querySelector(".here"));
}

let wanted = [];

/** A row of a pane, or a cell, that is to be seen. */
function bringIntoSight(pane, row) {
  if (row) wanted.push([pane, row]);
}

/** Where a pane is to be scrolled to: a row into its middle, a cell no further than need be. */
function scrolled(pane, row) {
  const { offsetLeft: left, offsetWidth: width } = row;
  if (row.tagName === "TD") return { left: Math.max(0, left + width - pane.clientWidth) };
  return { top: row.offsetTop - (pane.clientHeight - row.clientHeight) / 2 };
}

/** Scroll the panes, and never the page. All is drawn and read before: the page is laid out once. */
function scrollPanes() {
  const found = wanted.map(([pane, row]) => [pane, scrolled(pane, row)]);
  for (const [pane, place] of found) pane.scrollTo(place);
  wanted = [];
}

/** What an adjoint is called: it is v, or t, while it is what J is multiplied by. */
function adjointWord(step, n) {
  const isTaken = (step.edge || step.phase === "seed") && n === (step.edge?.source ?? step.node);
  return isTaken && !walk.ownV ? label("vector") : walk.forward ? "tang" : "grad";
}

function tapeRow(step, n) {
  const node = nodes[n];
  const isHere = n === step.node && step.phase !== "zero_grad";
  const isInto = step.edge?.m === n;
  const all = (step.phase === "build" && !own.initial) || node.role === "const" ? null : adjoint(n, step);
  const isKnown = all && all.some((text) => text !== null);
  return make("tr", { class: isHere ? "here" : isInto ? "into" : undefined, "aria-current": isHere ? "true" : undefined, go: own.start + n },
    make("td", { class: "mark" }, isHere ? "▸" : isInto ? (walk.forward ? "▹" : "◂") : ""),
    make("th", { scope: "row" }, node.label), make("td", { class: "written" }, node.text || node.kind[language]),
    make("td", {}, node.isNumber ? "" : node.value === undefined ? label("unsaved") : summary(valueAt(n, step), node.shape)),
    make("td", { class: "adjoint" }, isKnown ? `${adjointWord(step, n)} ${summary(all, node.shape)}` : ""));
}

function drawProgram(step) {
  const line = nodes[step.node].line;
  const isMarked = (at) => step.phase !== "zero_grad" && at + 1 === line;
  const rows = part(walk.program.length, (line ?? 1) - 1, 24);
  put("program-lines", make("pre", {}, ...range(rows).map((at) => make("div",
    { class: isMarked(at) ? "here" : undefined, "aria-current": isMarked(at) ? "true" : undefined, go: lastOnLine(at + 1) },
    `${String(at + 1).padStart(String(walk.program.length).length)} ${isMarked(at) ? "▸" : " "} ${walk.program[at]}`))));
  bringIntoSight($("program-lines"), $("program-lines").querySelector(".here"));
}

let lastNodes = null;

/** The step that builds the last node which is written on a line; undefined where none is. */
function lastOnLine(line) {
  lastNodes ??= new Map(nodes.map((node, n) => [node.line, n]));
  return lastNodes.has(line) ? own.start + lastNodes.get(line) : undefined;
}
