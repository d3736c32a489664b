// Numbers as they are written: whether digits that are shown give those that are shown.

const MINUS = "−";

/** A number of the data, which has ASCII's minus, as the page shows it. */
function shown(text) {
  return text.replaceAll("-", MINUS);
}

/** A number as a factor beside others. */
function factor(text) {
  return text.startsWith("-") ? `(${shown(text)})` : shown(text);
}

/** [mantissa, exponent of ten], both exact; null for what has no digits. */
function decimal(text) {
  const found = /^(-?\d+)(?:\.(\d+))?(?:e([-+]?\d+))?$/.exec(text);
  if (!found) return null;
  const behind = found[2] || "";
  return [BigInt(found[1] + behind) + 0n, Number(found[3] || 0) - behind.length, text[0] === "-"];
}

/** "=" where the factors of the summands give the result, digit by digit, else "≈". */
function equality(result, ...summands) {
  const all = [[result], ...summands].map((factors) => factors.map(decimal));
  if (all.flat().includes(null) || all.flat().length > 101) return "=";
  const products = all.map((factors) => factors.reduce(
    ([m, e], [n, f]) => [m * n, e + f], [1n, 0]));
  const least = Math.min(...products.map(([, e]) => e));
  const [end, ...added] = products.map(([m, e]) => m * 10n ** BigInt(e - least));
  return added.reduce((a, b) => a + b, 0n) === end ? "=" : "≈";
}

/** Text of the data as a number of the machine. */
function machine(text) {
  return { nan: NaN, inf: Infinity, "-inf": -Infinity }[text] ?? Number(text);
}
