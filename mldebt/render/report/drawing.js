// Making elements, and drawing boxes with links between them. Texts of the data only ever become text nodes.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== "") node.append(child);
  }
  return node;
}

const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const many = (number, word, plural) => `${number} ${number === 1 ? word : plural || word + "s"}`;
const where = ([path, line, cell]) => `${path}${cell ? `:cell ${cell}` : ""}:${line}`;
const SEVERITIES = ["error", "warning", "note"];
const worst = (severities) => SEVERITIES.find((one) => severities.includes(one)) || "";

// Cut in the middle: the beginning and the end of a name say most.
function cut(text, most) {
  if (text.length <= most) return text;
  const front = Math.ceil((most - 1) * 0.5);
  return `${text.slice(0, front)}\u2026${text.slice(text.length - (most - 1 - front))}`;
}

const pen = document.createElement("canvas").getContext("2d");
function fit(text, width, font) {
  pen.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
  if (pen.measureText(text).width <= width) return text;
  let low = 2, high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (pen.measureText(cut(text, middle)).width <= width) low = middle;
    else high = middle - 1;
  }
  return cut(text, low);
}

// A message with what stands between backticks as code.
const rich = (text) => text.split("`").map((part, place) => (place % 2 && part ? el("code", {}, part) : part));

function press(act) {
  return {
    click: act,
    keydown: (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        act(event);
      }
    },
  };
}

// boxes: {x, y, w, h, kind, label, note, title, count, severity, classes, act, near: hover callback}
// links: {a, b, dashed, severity, title, classes, act}
function draw(boxes, links, name) {
  const width = Math.max(...boxes.map((box) => box.x + box.w), 0) + 14;
  const height = Math.max(...boxes.map((box) => box.y + box.h), 0) + 14;
  const picture = svg("svg", {
    width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": name, class: "picture",
  });
  picture.append(arrows());
  const lines = links.map((link) => drawLink(link, boxes[link.a], boxes[link.b]));
  const shapes = boxes.map(drawBox);
  const under = svg("g", { class: "links" }, lines);
  const over = svg("g", { class: "boxes" }, shapes);
  picture.append(under, over);
  return { picture, lines, shapes, width, height };
}

function arrows() {
  const kinds = ["", ...SEVERITIES, "lit"];
  return svg("defs", {}, kinds.map((kind) =>
    svg("marker", { id: `arrow-${kind || "plain"}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7,
      markerHeight: 7, orient: "auto", markerUnits: "userSpaceOnUse", class: `arrow ${kind}` },
    svg("path", { d: "M0 .8 7.4 4 0 7.2z" }))));
}

function drawLink(link, from, to) {
  const classes = ["link", link.severity || "", link.dashed ? "dashed" : "", link.classes || ""];
  return svg("path", {
    d: curve(from, to), class: classes.filter(Boolean).join(" "), "marker-end": `url(#arrow-${link.severity || "plain"})`,
    on: link.act ? { click: link.act } : {},
  }, svg("title", {}, link.title || ""));
}

function curve(from, to) {
  const y1 = from.y + from.h / 2, y2 = to.y + to.h / 2;
  const x1 = from.x + from.w, x2 = to.x;
  if (x2 > x1) {
    const bend = Math.max((x2 - x1) / 2, 18);
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  }
  if (Math.abs(from.x - to.x) < 1) {
    const out = 16 + Math.min(Math.abs(y2 - y1) / 8, 26);
    return `M${x1} ${y1}C${x1 + out} ${y1} ${x1 + out} ${y2} ${to.x + to.w} ${y2}`;
  }
  const below = Math.max(from.y + from.h, to.y + to.h) + 18;
  const a = from.x + from.w / 2, b = to.x + to.w / 2;
  return `M${a} ${from.y + from.h}C${a} ${below} ${b} ${below} ${b} ${to.y + to.h}`;
}

function drawBox(box) {
  const room = box.w - 15 - (box.count ? 6 : 0);
  const tall = box.note !== undefined && box.note !== "";
  const parts = [
    svg("title", {}, box.title || box.label),
    svg("rect", { x: box.x, y: box.y, width: box.w, height: box.h, rx: 6 }),
    svg("text", { x: box.x + 8, y: box.y + (tall ? box.h / 2 - 3 : box.h / 2 + 4), class: "label" }, fit(box.label, room, "600 11.5px")),
  ];
  if (tall) {
    parts.push(svg("text", { x: box.x + 8, y: box.y + box.h / 2 + 12, class: "small" }, fit(box.note, box.w - 14, "10.5px")));
  }
  if (box.count) {
    parts.push(svg("circle", { cx: box.x + box.w - 2, cy: box.y + 2, r: 9, class: `count ${box.severity}` }));
    parts.push(svg("text", { x: box.x + box.w - 2, y: box.y + 5.5, class: "count-text" }, String(box.count)));
  }
  const said = [box.label, box.note, box.count ? many(box.count, "finding") : ""].filter(Boolean).join(", ");
  return svg("g", {
    class: ["box", box.kind, box.classes || ""].filter(Boolean).join(" "), tabindex: box.act ? 0 : null,
    role: box.act ? "button" : "img", "aria-label": said, on: box.act ? press(box.act) : {},
  }, parts);
}
