// Keys, buttons, fingers, and what follows from them.

let k = Math.min(Math.max(Number(/^#(\d+)$/.exec(location.hash)?.[1] ?? walk.start), 0), LAST);
let step = stepAt(k);
let playing = null;

function draw() {
  const phase = [label(step.phase), ...ofIteration(own)].join(" · ");
  $("phase").textContent = phase;
  $("count").textContent = said("position", { k, last: LAST });
  $("scrub").value = k;
  $("scrub").setAttribute("aria-valuetext", `${phase}, ${said("position", { k, last: LAST })}`);
  if (document.activeElement !== $("goto")) $("goto").value = k;
  for (const id of ["first", "edge-back", "back"]) $(id).disabled = k === 0;
  for (const id of ["last", "edge-forward", "forward"]) $(id).disabled = k === LAST;
  for (const one of [drawStep, drawJacobian, drawVector, drawGradient, drawNotes, drawTape, drawProgram, markPlace]) one(step);
  scrollPanes();
}

/** Which iteration it is, where something is trained. */
const ofIteration = (one) => (iterations.length > 1 || one.updates
  ? [said("iteration", { number: one.number + 1, count: iterations.length })] : []);

let speaking = 0;
let telling = 0;

/** What is said of the step, once one stays on it: a screen reader would be late otherwise. */
function speak() {
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    const notes = notesAt(k).map((number) => said("heardNote", { text: walk.notes[number][language][1] }));
    $("live").textContent = [`${said("position", { k, last: LAST })}:`, heard(step), ...notes].join(" ");
  }, 120);
  clearTimeout(telling);
  telling = setTimeout(() => {
    try { history.replaceState(null, "", `#${k}`); } catch { /* a page in a frame may not */ }
  }, 400);
}

function go(to) {
  const wanted = Math.min(Math.max(Math.trunc(to), 0), LAST);
  if (Number.isNaN(wanted) || wanted === k) return;
  k = wanted;
  step = stepAt(k);
  draw();
  speak();
}

/** The end of the edge, or of all edges of the node, that the next step belongs to. */
function boundary(from, isWhole) {
  if (from >= LAST) return LAST;
  const next = stepAt(from + 1);
  if (!next.edge) return from + 1;
  const end = next.pass.edges[1];
  let at = edges.indexOf(next.edge);
  while (isWhole && at + 1 < end && edges[at + 1].n === next.edge.n) at++;
  return edges[at].k + edges[at].l - 1;
}

/** The last such end before a step. */
function boundaryBefore(from, isWhole) {
  const now = stepAt(from);
  if (!now.edge) return Math.max(0, from - 1);
  let at = edges.indexOf(now.edge);
  while (isWhole && at > now.pass.edges[0] && edges[at - 1].n === now.edge.n) at--;
  return edges[at].k - 1;
}

/** Where other notes begin to stand, forward or back. */
function toNote(direction) {
  const starts = walk.noted.filter(([, here]) => here.length).map(([at]) => at);
  const found = direction > 0 ? starts.find((at) => at > k) : starts.findLast((at) => at < k);
  go(found ?? (direction > 0 ? LAST : 0));
}

/** Where something begins: phases, edges, notes; in the order of the walk. */
function landmarks() {
  const found = [];
  for (const one of iterations) {
    const { nodes, passes, edges } = one;
    found.push({ k: one.start, text: () => [label("build"), ...ofIteration(one)].join(" · ") });
    for (const pass of passes) {
      if (pass.zero) found.push({ k: pass.k, text: () => label("zero_grad") });
      for (const [at, seed] of pass.seeds?.entries() ?? []) found.push({ k: pass.k + at, text: () => `${label("seed")} ${nodes[seed.n].vectorIs}` });
      for (let at = pass.edges?.[0] ?? 0; at < (pass.edges?.[1] ?? 0); at++) {
        const edge = edges[at];
        if (edge.l) found.push({ k: edge.k, end: edge.k + edge.l - 1, text: () => `${nodes[edge.source].label} → ${nodes[edge.target].label}` });
      }
    }
    if (one.updates) found.push({ k: one.firstUpdate, text: () => label("update") });
  }
  for (const [number] of walk.notes.entries()) {
    const at = walk.noted.find(([, here]) => here.includes(number));
    if (at) found.push({ k: at[0], isNote: true, text: () => `✎ ${walk.notes[number][language][0].split("\n")[0]}` });
  }
  found.push({ k: LAST, text: () => label("end") });
  return found.sort((a, b) => a.k - b.k);
}

const places = landmarks();
const MOST_PLACES = 60;
let placesShown = "";

/** The list of places, around the step, with the one marked that it belongs to. */
function markPlace() {
  const at = lastUpTo(places.length, (one) => places[one].k, k);
  const rows = part(places.length, at, MOST_PLACES);
  const now = `${language} ${rows.first}`;
  if (now !== placesShown) {
    put("places-list", make("ol", {}, ...range(rows).map((one) => make("li", { class: places[one].isNote ? "note" : undefined },
      make("button", { type: "button", go: places[one].k, title: places[one].text() }, make("span", { class: "number" }, String(places[one].k)), ` ${places[one].text()}`)))));
    placesShown = now;
  }
  const list = $("places-list");
  list.querySelector("[aria-current]")?.removeAttribute("aria-current");
  const here = list.querySelectorAll("button")[at - rows.first];
  here?.setAttribute("aria-current", "true");
  bringIntoSight(list, here);
}

function play() {
  if (playing) clearInterval(playing);
  playing = playing ? null : setInterval(() => (k === LAST ? play() : go(k + 1)), 900);
}

const ENDS = { dark: "light", light: "dark" };
const isDark = () => (document.documentElement.dataset.look ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

function look() {
  document.documentElement.dataset.look = isDark() ? "light" : "dark";
  name();
}

function nextLanguage() {
  language = (language + 1) % walk.languages.length;
  name();
  draw();
  speak();
}

const KEYS = [
  ["s → · S ←", "keyStep"], ["n ↓ · N ↑", "keyEdge"], ["f · F", "keyNode"], ["c · C", "keyNote"],
  ["Home · End", "keyEnds"], ["g", "keyGoto"], ["space", "keyPlay"], ["l", "keyLanguage"], ["d", "keyLook"], ["?", "keyHelp"],
];

/** All words of the page that do not depend on the step. */
function name() {
  const root = document.documentElement;
  root.lang = walk.languages[language].code;
  document.title = $("title").textContent = walk.title[language];
  for (const one of ["step", "note", "tape", "program", "places"]) $(`${one}-name`).textContent = label(one);
  const titles = { first: "first", "edge-back": "edgeBack", back: "back", forward: "forward", "edge-forward": "edgeForward", last: "last", scrub: "scrub", goto: "keyGoto" };
  for (const [id, text] of Object.entries(titles)) {
    $(id).title = label(text);
    $(id).setAttribute("aria-label", label(text));
  }
  const other = (language + 1) % walk.languages.length;
  $("language").textContent = walk.languages[other].name;
  $("language").lang = walk.languages[other].code;
  $("language").hidden = walk.languages.length < 2;
  $("look").textContent = isDark() ? label("light") : label("dark");
  $("keys-name").textContent = $("help").title = label("keys");
  $("help").setAttribute("aria-label", label("keys"));
  put("keys-list", ...KEYS.map(([key, text]) => make("tr", {}, make("th", { scope: "row" }, key), make("td", {}, label(text)))));
  $("keys-touch").textContent = label("touch");
  $("source").textContent = walk.source ? `${label("source")}: ${walk.source}` : "";
  $("close").textContent = label("close");
  $("program").hidden = !walk.program.length;
}

const COMMANDS = {
  s: () => go(k + 1), ArrowRight: () => go(k + 1), S: () => go(k - 1), ArrowLeft: () => go(k - 1),
  n: () => go(boundary(k)), ArrowDown: () => go(boundary(k)), N: () => go(boundaryBefore(k)), ArrowUp: () => go(boundaryBefore(k)),
  f: () => go(boundary(k, true)), F: () => go(boundaryBefore(k, true)), c: () => toNote(1), C: () => toNote(-1),
  Home: () => go(0), End: () => go(LAST), g: () => $("goto").select(), " ": play, l: nextLanguage, d: look, "?": () => $("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open) return;
  const { target } = event;
  if (target === $("goto") && (/^[0-9]$/.test(event.key) || !/^[a-zA-Z?]$/.test(event.key))) return;
  if (event.key === " " && target.closest("button")) return;
  const command = COMMANDS[event.key];
  if (!command) return;
  event.preventDefault();
  command();
});

const CLICKS = {
  first: () => go(0), "edge-back": COMMANDS.N, back: COMMANDS.S, forward: COMMANDS.s, "edge-forward": COMMANDS.n, last: () => go(LAST),
  language: nextLanguage, look, help: COMMANDS["?"],
};
for (const [id, command] of Object.entries(CLICKS)) $(id).addEventListener("click", command);
$("scrub").addEventListener("input", () => go(Number($("scrub").value)));
$("goto").addEventListener("change", () => { go(Number($("goto").value)); $("goto").value = k; });
document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-go]");
  if (place) go(Number(place.dataset.go));
});
addEventListener("hashchange", () => go(Number(location.hash.slice(1))));
addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);

let touched = null;
document.addEventListener("touchstart", (event) => {
  const box = event.target.closest(".scroll");
  const isBusy = event.touches.length > 1 || event.target.closest("#controls, dialog") || (box && box.scrollWidth > box.clientWidth + 1);
  touched = isBusy ? null : event.touches[0];
}, { passive: true });
document.addEventListener("touchend", (event) => {
  if (!touched) return;
  const { clientX, clientY } = event.changedTouches[0];
  const [x, y] = [clientX - touched.clientX, clientY - touched.clientY];
  touched = null;
  if (Math.abs(x) > 40 && Math.abs(x) > 2 * Math.abs(y)) go(k + (x < 0 ? 1 : -1));
}, { passive: true });

/** On paper: the step at hand, then all notes with their steps, then the gradients at the end. */
function print() {
  const end = stepAt(LAST);
  put("printed",
    ...(walk.notes.length ? [make("h2", {}, label("notes"))] : []),
    ...places.filter((place) => place.isNote).map((place) => make("p", {}, make("b", {}, `${place.k}  `), place.text().slice(2))),
    ...(walk.results.length ? [make("h2", {}, label("results"))] : []),
    ...walk.results.map((n) => make("p", { class: "number" }, `${nodes[n].adjoint} = ${onPaper(adjoint(n, end), nodes[n].shape)}`)),
    ...(walk.source ? [make("p", {}, `${label("source")}: ${walk.source}`)] : []));
  stepAt(k);
}

function onPaper(texts, shape) {
  const told = texts.slice(0, 64).map((text) => (text === null ? "·" : shown(text)));
  return shape.length ? `[${told.join("  ")}${texts.length > 64 ? " …" : ""}]` : told[0];
}
addEventListener("beforeprint", print);

/** Have the browser look for its fonts once the page is seen, not at the key that needs one. */
function warm() {
  const texts = [walk.labels, walk.templates, walk.formulas, walk.title, walk.notes].map((one) => JSON.stringify(one));
  const signs = [...new Set(`${texts.join("")}₀₁₂₃₄₅₆₇₈₉∂·→▸◂▹⋮…✎−≈`)].join("");
  const all = ["warm", "warm number"].flatMap((name) => [make("p", { class: name }, signs), make("p", { class: name }, make("b", {}, signs))]);
  document.body.append(...all);
  document.body.getBoundingClientRect();
  for (const one of all) one.remove();
}

$("scrub").max = $("goto").max = LAST;
name();
draw();
speak();
requestAnimationFrame(() => setTimeout(warm));
