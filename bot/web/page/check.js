// The checks of a form's field, the same as bot.Field.Check on the server, which checks again and has the last word.

const spaces = "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const around = new RegExp("^" + spaces + "|" + spaces + "$", "g");
const least = -(2n ** 63n), most = 2n ** 63n - 1n;

// check returns "" or the name of the problem.
export function check(field, raw) {
  const value = raw.replace(around, "");
  if (value === "") return field.required ? "missing" : "";
  if (field.max_chars > 0 && [...value].length > field.max_chars) return "long";
  switch (field.kind) {
    case "number": {
      if (!/^[+-]?[0-9]+$/.test(value)) return "number";
      const n = BigInt(value.replace(/^\+/, ""));
      if (n < least || n > most) return "number";
      const min = BigInt(field.min || 0), max = BigInt(field.max || 0);
      if (min < max && (n < min || n > max)) return "range";
      break;
    }
    case "choice":
      return (field.options || []).some((o) => (o.answer || "") === value) ? "" : "option";
    case "tick":
      if (value !== "yes") return "option";
  }
  return matches(field.pattern, value) ? "" : "pattern";
}

// matches is lenient where the two languages of patterns differ: the server decides then.
function matches(pattern, value) {
  if (!pattern || pattern.includes("[[:") || pattern.includes("\\S")) return true;
  try {
    return new RegExp("^(?:" + pattern + ")$", "us").test(value);
  } catch {
    return true;
  }
}

// sentence says what is wrong in words, those of the field itself where it has its own.
export function sentence(field, problem, words) {
  if (field.wrong && (problem === "pattern" || problem === "range")) return field.wrong;
  if (field.kind === "tick") return words.tick;
  return words[problem].replace("{min}", field.min || 0).replace("{max}", field.max || 0).replace("{chars}", field.max_chars || 0);
}
