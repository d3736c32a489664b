// What is said of a step, read or heard, in the language that is chosen.

const HAN = "[\\u2e80-\\u9fff]";
const BESIDE = new RegExp(`((?<=${HAN}) )?\\{(\\w+)\\}( (?=${HAN}))?`, "g");
const WIDE = "，。；：、（）";
const LOOSE = new RegExp(
  `\\s+(?=[\\],.;:)?!${WIDE}]|$)|(?<=[(\\[${WIDE}])\\s+|^\\s+|(?<=[\\u2e80-\\u9fff\\uff00-\\uffef])\\s+(?=[\\u2e80-\\u9fff\\uff00-\\uffef])`, "g");

/** A template with its fields, without blanks between Chinese and Chinese. */
function filled(template, fields) {
  const text = template.replace(BESIDE, (_, before, field, behind) => {
    const told = String(fields(field) ?? "");
    const touches = (character) => character !== undefined && new RegExp(HAN).test(character);
    return (touches(told[0]) ? "" : before || "") + told + (touches(told[told.length - 1]) ? "" : behind || "");
  });
  return text.replace(/(?<=[，。；：、！？（）]) (?=\S)/g, "");
}

const said = (name, fields) => filled(label(name), (field) => fields[field]);

/** Parts of a pattern as text; `known` tells the fields that the pattern leaves out. */
function told(parts, known) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    const [template, given] = part;
    return filled(walk.templates[language][template],
      (field) => (field in given ? told(given[field], known) : known[field]?.()));
  }).join("");
}

/** The sentences of a step, as its pane has them. */
function sentences(step) {
  const [pattern] = walk.sayings[step.w][language];
  const { label: named, parents } = nodes[step.node];
  const known = {
    name: () => named,
    parents: () => [...new Set(parents.map((n) => nodes[n].label))].join(label("comma")),
  };
  if (step.edge && !step.unknown) {
    const { n, m } = step.edge;
    Object.assign(known, {
      adjoint: () => nodes[n].adjoint, parent: () => nodes[m].label,
      y: () => entry(n, step.j), x: () => entry(m, step.i), v: () => cotangent(n, step.j),
      v_value: () => shown(step.v), t: () => shown(step.v), slope: () => shown(step.partial), contribution: () => shown(step.added),
    });
  }
  return walk.patterns[pattern].map((parts) => told(parts, known));
}

/** The step in plain words, for the ear. */
function heard(step) {
  const [, pattern] = walk.sayings[step.w][language];
  const known = { name: () => nameAloud(step.node), value: () => aloud(nodes[step.node].value) };
  if (step.edge && !step.unknown) {
    const { n, m } = step.edge;
    Object.assign(known, {
      y: () => placed(stem(n), n, step.j), x: () => placed(stem(m), m, step.i),
      v: () => placed(nodes[n].heardV?.[language] ?? ["v", true], n, step.j),
      slope: () => aloud(step.partial), number: () => aloud(step.v), after: () => aloud(step.after),
      before: () => aloud(step.before),
      product: () => (equality(step.added, [step.v, step.partial]) === "=" ? aloud(step.added)
        : said("about", { number: aloud(step.added) })),
    });
  }
  return tidied(told(walk.patterns[pattern], known));
}

const tidied = (text) => text.replace(/\s+/g, " ").replace(LOOSE, "");

/** A number aloud. */
function aloud(text) {
  const [, sign, digits, power, exponent] = /^(-?)(.*?)(?:e([-+]?)0*(\d+))?$/.exec(text);
  let told = digits === "nan" || digits === "inf" ? label(digits) : digits;
  const signed = (minus, number) => (minus === "-" ? said("minus", { number }) : number);
  if (exponent) told = said("power", { number: told, exponent: signed(power, exponent) });
  return signed(sign, told);
}

/** A node aloud: `h@2` is version 2 of h, and `#7` is node 7. */
function nameAloud(n) {
  const { label: named, name } = nodes[n];
  if (name) return name[language];
  if (named.startsWith("#")) return said("heardNode", { number: named.slice(1) });
  const [base, number] = named.split("@");
  return number ? said("heardVersion", { name: base, number }) : named;
}

/** What all entries of a node begin with, and whether a lone index may follow at once. */
function stem(n) {
  return nodes[n].heard?.[language] ?? [nameAloud(n), !/^#|@/.test(nodes[n].label)];
}

/** One entry aloud, from what all of them begin with. */
function placed([name, plain], n, flat) {
  const places = coordinates(nodes[n].shape, flat);
  if (!places.length) return name;
  if (places.length === 2) return said("heardCell", { name, row: places[0], column: places[1] });
  if (places.length === 1 && plain) return `${name} ${places[0]}`;
  return said("heardEntry", { name, index: places.join(label("comma")) });
}
