// The scene as it is now as an SVG file that needs nothing else.

const KEPT = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity",
  "stroke-linecap", "stroke-linejoin", "opacity",
];
const OF_TEXT = ["font-size", "font-weight", "text-anchor"];

function svgText() {
  const { width, height } = scene;
  const size = { width: Math.ceil(width), height: Math.ceil(height) };
  const viewBox = `0 0 ${size.width} ${size.height}`;
  const whole = svg("svg", { ...size, viewBox, class: "export" }, document.body);
  svg("title", {}, whole).textContent = shown(data.title);
  const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper");
  svg("rect", { ...size, fill: paper }, whole);
  const drawing = svg("g", { "font-family": FONT }, whole);
  drawScene(makeLayers(drawing), everything(), false);
  const isSeen = (element) =>
    !element.matches(".reach") && getComputedStyle(element).display !== "none";
  for (const element of [...drawing.querySelectorAll("*")]) {
    if (!isSeen(element)) element.remove();
  }
  // All styles are read before any is written, or each reading would compute them anew.
  const elements = [...drawing.querySelectorAll("path, rect, circle, text")];
  const styles = elements.map((element) => {
    const style = getComputedStyle(element);
    const names = element.tagName === "text" ? [...KEPT, ...OF_TEXT] : KEPT;
    return names.map((name) => [name, style.getPropertyValue(name)]);
  });
  elements.forEach((element, i) => {
    for (const [name, value] of styles[i]) if (value !== DEFAULTS[name]) element.setAttribute(name, value);
  });
  for (const element of drawing.querySelectorAll("*")) {
    for (const name of ["class", "role", "tabindex", "aria-expanded", "aria-label", "data-item"]) {
      element.removeAttribute(name);
    }
  }
  whole.remove();
  whole.removeAttribute("class");
  return `${new XMLSerializer().serializeToString(whole)}\n`;
}

const DEFAULTS = {
  "fill-opacity": "1",
  stroke: "none",
  "stroke-dasharray": "none",
  "stroke-opacity": "1",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  "text-anchor": "start",
  opacity: "1",
};

async function copySvg() {
  const text = svgText();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Where the clipboard is not for pages, as in a frame, a selection still can be copied.
    const area = make("textarea", "off-screen");
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    if (!isCopied) {
      say("The browser does not let this page copy; download the SVG instead.", true);
      return;
    }
  }
  say("Copied as SVG", true);
}

function downloadSvg() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([svgText()], { type: "image/svg+xml" }));
  link.download = `${data.name.replace(/[^\p{L}\p{N}._-]+/gu, "_") || "diagram"}.svg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
