// Text as it is shown: counts, names that may hold anything, and what fits into a box.

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** A text on one line, without the characters that no SVG file may hold. */
function shown(text) {
  return String(text)
    .replace(/\r\n?|\n/g, "\u21b5")
    .replace(/\t/g, "\u21e5")
    .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd");
}

/** A count in full, or the formula that it is. */
function full(count) {
  return typeof count === "number" ? count.toLocaleString("en-US") : shown(count);
}

const UNITS = ["", " K", " M", " G", " T", " P", " E", " Z", " Y"];

/** A count in three digits, or the formula that it is. */
function short(count) {
  const digits = typeof count === "string" ? count.replaceAll(",", "") : String(count);
  if (!/^\d+$/.test(digits)) return shown(count);
  let value = Number(digits);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return (unit && value < 99.95 ? value.toPrecision(3) : Math.round(value)) + UNITS[unit];
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

function bytes(count) {
  if (typeof count !== "number") return `${shown(count)} B`;
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const plain = unit ? value.toFixed(value < 100 ? 1 : 0) : String(value);
  return `${plain} ${BYTE_UNITS[unit]}`;
}

/** The sum of two counts either of which may be a formula. */
function plus(a, b) {
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a === 0) return b;
  return b === 0 ? a : `${a} + ${b}`;
}

function plural(count, noun) {
  return `${full(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function shapeOf(type) {
  const [shape, dtype] = data.types[type];
  return dtype === "float32" ? shape : `${dtype}${shape}`;
}

function shapesOf(types) {
  return types.map(shapeOf).join(", ");
}

const pen = document.createElement("canvas").getContext("2d");
const widths = new Map();

/** How wide a text is in pixels at a size, "600 13" with its weight. */
function widthOf(text, size) {
  const key = `${size}|${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    pen.font = `${size}px ${FONT}`;
    width = pen.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

/** A text cut to a width: in the middle, since the ends of names tell them apart. */
function fitted(text, size, room) {
  if (widthOf(text, size) <= room) return text;
  const characters = [...text].slice(0, 400);
  let [low, high] = [1, characters.length];
  while (low < high) {
    const kept = (low + high + 1) >> 1;
    if (widthOf(cut(characters, kept), size) <= room) low = kept;
    else high = kept - 1;
  }
  return cut(characters, low);
}

function cut(characters, kept) {
  const tail = Math.floor(kept * 0.45);
  const head = characters.slice(0, kept - tail).join("");
  return `${head}\u2026${tail ? characters.slice(-tail).join("") : ""}`;
}

/** A text in some lines of a width; what does not fit is cut out of the last one. */
function wrapped(text, size, room, lines = 3) {
  if (lines === 1 || widthOf(text, size) <= room) return [fitted(text, size, room)];
  const words = text.split(" ");
  let first = words.shift();
  while (words.length && widthOf(`${first} ${words[0]}`, size) <= room) {
    first += ` ${words.shift()}`;
  }
  const rest = words.length ? wrapped(words.join(" "), size, room, lines - 1) : [];
  return [fitted(first, size, room), ...rest];
}
