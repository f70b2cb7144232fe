'use strict';
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const flame = document.getElementById("flame");
  const told = document.getElementById("told");
  const whole = document.getElementById("whole");
  const theme = document.getElementById("theme");
  const HEIGHT = 27;
  const NARROWEST = 0.0004; // of the width: what is less is no bar
  let zoomed = data.tree;
  let focused = data.tree;
  let bars = new Map();

  function prepare(node, parent, depth, left) {
    Object.assign(node, { parent, depth, left });
    let at = left;
    for (const part of node.parts) {
      prepare(part, node, depth + 1, at);
      at += part.seconds;
    }
  }

  function isWithin(node, around) {
    for (let each = node; each; each = each.parent) {
      if (each === around) return true;
    }
    return false;
  }

  function path(node) {
    const names = [];
    for (let each = node; each.parent; each = each.parent) names.unshift(each.name);
    return names.join(" › ") || node.name;
  }

  function sentence(node) {
    return `${path(node)} (${node.type}): ${node.text}`;
  }

  function draw() {
    const shown = [];
    const collect = (node) => {
      const width = node.seconds / zoomed.seconds;
      if (isWithin(zoomed, node)) shown.push([node, 0, 1]);
      else if (isWithin(node, zoomed) && width >= NARROWEST) {
        shown.push([node, (node.left - zoomed.left) / zoomed.seconds, width]);
      } else return;
      node.parts.forEach(collect);
    };
    collect(data.tree);
    bars = new Map();
    flame.replaceChildren(...shown.map(([node, left, width]) => bar(node, left, width)));
    flame.style.height = `${(1 + Math.max(...shown.map(([node]) => node.depth))) * HEIGHT}px`;
    whole.disabled = zoomed === data.tree;
    if (!bars.has(focused)) focused = zoomed;
    bars.get(focused).tabIndex = 0;
  }

  function bar(node, left, width) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `bar ${node.family}`;
    made.setAttribute("role", "treeitem");
    made.setAttribute("aria-level", String(node.depth + 1));
    made.setAttribute("aria-label", sentence(node));
    if (node !== zoomed && isWithin(zoomed, node)) made.classList.add("around");
    if (width * flame.clientWidth < 14) made.classList.add("thin");
    else made.textContent = node.name;
    made.tabIndex = -1;
    made.style.left = `${left * 100}%`;
    made.style.width = `${width * 100}%`;
    made.style.top = `${node.depth * HEIGHT}px`;
    made.addEventListener("click", () => zoom(node));
    made.addEventListener("pointerenter", () => tell(node));
    made.addEventListener("focus", () => { focused = node; tell(node); });
    bars.set(node, made);
    return made;
  }

  function tell(node) {
    told.textContent = sentence(node);
  }

  function zoom(node) {
    zoomed = node;
    focused = node;
    draw();
    bars.get(node).focus();
  }

  function beside(node, step) {
    const row = [...bars.keys()].filter((each) => each.depth === node.depth);
    return row[row.indexOf(node) + step];
  }

  flame.addEventListener("keydown", (event) => {
    const below = focused.parts.find((part) => bars.has(part));
    const target = {
      ArrowUp: focused.parent, ArrowDown: below, ArrowLeft: beside(focused, -1),
      ArrowRight: beside(focused, 1), Home: data.tree,
    }[event.key];
    if (event.key === "Escape") zoom(data.tree);
    else if (target) {
      bars.get(focused).tabIndex = -1;
      bars.get(target).tabIndex = 0;
      bars.get(target).focus();
    } else return;
    event.preventDefault();
  });
  whole.addEventListener("click", () => zoom(data.tree));

  const dark = matchMedia("(prefers-color-scheme: dark)");
  function setTheme(name) {
    document.documentElement.dataset.theme = name;
    theme.setAttribute("aria-pressed", String(name === "dark"));
  }
  setTheme(data.theme === "auto" ? (dark.matches ? "dark" : "light") : data.theme);
  theme.addEventListener("click", () => {
    setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  });
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));

  if (data.tree.seconds > 0) {
    prepare(data.tree, null, 0, 0);
    document.getElementById("chart").hidden = false;
    draw();
    addEventListener("resize", draw);
  }
})();
