// The formulas of a step: the partial, what it is multiplied by, and the sum.

const OPEN = /\x02(\d+)\x01/g;

/** The lines of a step, each in pieces that begin with an equal sign. */
function equations(step) {
  if (step.equation) return (step.equation[language] ?? step.equation[0]).split("\n").map((line) => [line]);
  return step.unknown ? [] : [partialLine(step), productLine(step), sumLine(step)];
}

/** `∂y₁/∂x₁ = ∂(tanh(x₁))/∂x₁ = 1 − tanh²(x₁) = 1 − tanh²(0.5) = 0.786448`. */
function partialLine(step) {
  const pieces = [partialName(step)];
  const result = shown(step.partial);
  const formula = formulaOf(step);
  if (formula) {
    pieces.push(`= ∂(${formula.function})/∂${formula.variable}`);
    if (formula.partial !== result) pieces.push(`= ${formula.partial}`);
    const put = formula.numbers;
    if (put && put.text !== formula.partial && put.text !== result) pieces.push(`${put.sign} ${put.text}`);
  }
  return [...pieces, `= ${result}`];
}

/** The formula of a step with its names, and its partial with numbers put in. */
function formulaOf(step) {
  const number = columns(step.edge).f(step.t);
  if (number < 0) return null;
  const [of, by, partial, slots] = walk.formulas[number];
  const { starts, flats } = openNames(step.edge);
  const flat = (slot) => flats[starts[step.t] + Number(slot)];
  const node = (slot) => (slots[slot] === -1 ? step.edge.n : nodes[step.edge.n].parents[slots[slot]]);
  const named = (text) => text.replace(OPEN, (_, slot) =>
    (slots[slot] === -2 ? index(nodes[step.edge.n].shape, flat(slot)) : entry(node(slot), flat(slot))));
  return { function: named(of), variable: named(by), partial: named(partial), numbers: putIn(partial, slots, node, flat) };
}

/** A partial with the numbers of its entries; null where it has none, or one is not known. */
function putIn(partial, slots, node, flat) {
  let sign = "=";
  let isWhole = false;
  const text = partial.replace(/\x02(\d+)\x01′*/g, (found, slot, at) => {
    const number = slots[slot] === -2 ? undefined : value(nodes[node(slot)])?.[flat(slot)];
    if (number === undefined) {
      sign = "";
      return "";
    }
    isWhole = true;
    if (number.replace(/e.*|[-.]/g, "").replace(/^0+/, "").length >= 6) sign ||= "≈", sign = sign && "≈";
    const behind = partial[at + found.length] ?? "";
    const isInside = partial[at - 1] === "(" && behind === ")";
    const isAlone = found === partial;
    return /^-|e/.test(number) && !isInside && !isAlone ? `(${shown(number)})` : shown(number);
  });
  return isWhole && sign ? { text, sign } : null;
}

/** `v₂·∂y₂/∂x₂ = 2·2 = 4`, forward `∂y₂/∂x₂·t₂`. */
function productLine(step) {
  const factors = [cotangent(step.edge.source, step.taken), partialName(step)];
  const numbers = [factor(step.v), factor(step.partial)];
  const inOrder = (two) => (walk.forward ? two.reverse() : two).join("·");
  return [
    inOrder(factors),
    `= ${inOrder(numbers)}`,
    `${equality(step.added, [step.v, step.partial])} ${shown(step.added)}`,
  ];
}

/** `X.grad₂ = 0 + 4 = 4`, or that an entry, unknown so far, is now so much. */
function sumLine(step) {
  const name = gradientName(step.edge.target, step.entry);
  if (step.before === null) return [`${name}: · → ${shown(step.after)}`];
  if (!isSum(step)) return [name, `= ${shown(step.after)}`];
  return [name, `= ${summed([step.before, step.added])}`,
    `${equality(step.after, [step.before], [step.added])} ${shown(step.after)}`];
}

/** Whether adding gives the sum; where a whole edge is not finite it may not. */
function isSum(step) {
  const [sum, after] = [machine(step.before) + machine(step.added), machine(step.after)];
  return (Number.isFinite(sum) && Number.isFinite(after)) || Object.is(sum, after);
}

/** `0 − 4 + 3`. */
function summed(texts) {
  return texts.map(shown).join(" + ").replaceAll(`+ ${MINUS}`, `${MINUS} `);
}
