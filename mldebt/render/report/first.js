// The first view: the sentence, the map, what reaches furthest, and the table of models.

function showHeader(data) {
  document.title = `${data.name}: mldebt report`;
  byId("name").textContent = data.name;
  byId("sentence").textContent = data.sentence;
  byId("version").textContent = data.version;
  byId("said").append(...data.said.map((line) => el("li", {}, line)));
  byId("warning").textContent = data.warning;
  byId("warning").hidden = !data.warning;
}

const MAP_KINDS = { source: "data from outside", code: "code", model: "model", use: "who uses it" };

function showMap(data) {
  const { boxes, flows, undrawn } = data.map;
  const holder = byId("map-drawing");
  if (!boxes.length) {
    holder.append(el("p", { class: "quiet" }, "No data flow was recognised between the parts of this repository."));
    return () => {};
  }
  const columns = Math.max(...boxes.map((box) => box.at[0])) + 1;
  const room = Math.max(holder.clientWidth, 560);
  const step = Math.max((room - 16) / columns, 118);
  const w = Math.min(step - 22, 168), h = 38;
  const rows = Math.max(...boxes.map((box) => box.at[1])) + 1;
  const row = Math.min(Math.max((byId("first-list").clientHeight - 70) / rows, 50), 78);
  const severityOf = (numbers) => worst(numbers.map((number) => data.findings[number].severity));
  const shapes = boxes.map((box) => ({
    x: 2 + box.at[0] * step, y: 12 + box.at[1] * row, w, h, kind: box.kind, label: box.label, note: box.note,
    title: [box.label, box.note, "", ...box.members, box.more ? `and ${box.more} more` : ""].join("\n").trim(),
    count: box.findings.length, severity: severityOf(box.findings),
    act: () => showBox(data, box),
  }));
  const links = flows.map(([a, b, what, sure, findings]) => ({
    a, b, dashed: !sure, severity: severityOf(findings), title: flowTitle(what, sure, findings, data),
  }));
  const drawn = draw(shapes, links, "Map");
  drawn.picture.classList.add("overview");
  holder.append(drawn.picture);
  showLegend();
  byId("map-note").textContent = undrawn.length ? `Not drawn, as no data flow was seen: ${undrawn.join(", ")}.` : "";
  return (finding) => lightUp(drawn, finding ? finding.lit : null);
}

function flowTitle(what, sure, findings, data) {
  const lines = [...what, sure ? "" : "inferred, not certain"];
  lines.push(...findings.slice(0, 4).map((number) => `${data.findings[number].severity}: ${data.findings[number].title}`));
  return lines.filter(Boolean).join("\n");
}

function showLegend() {
  const kinds = Object.entries(MAP_KINDS).map(([kind, words]) => el("span", { class: `key ${kind}` }, words));
  byId("legend").append(...kinds, el("span", { class: "key line error" }, "a finding lies on it"),
    el("span", { class: "key line dashed" }, "inferred"));
}

function lightUp(drawn, lit) {
  drawn.picture.classList.toggle("dim", Boolean(lit && (lit.boxes.length || lit.flows.length)));
  drawn.shapes.forEach((shape, number) => shape.classList.toggle("lit", Boolean(lit && lit.boxes.includes(number))));
  drawn.lines.forEach((line, number) => line.classList.toggle("lit", Boolean(lit && lit.flows.includes(number))));
}

// A box of code opens its findings where it has some; others are found in the graph.
function showBox(data, box) {
  if (box.findings.length) {
    const wanted = box.findings.map((number) => data.findings[number].id);
    document.dispatchEvent(new CustomEvent("filter", { detail: { only: wanted, called: box.label } }));
  } else {
    document.dispatchEvent(new CustomEvent("find", { detail: box.members[0] || box.label }));
  }
}

function showFirst(data) {
  let light = () => {};
  const first = data.findings.slice(0, data.first);
  const list = byId("first-list");
  if (!first.length) list.append(el("p", { class: "quiet" }, "Nothing at this confidence."));
  for (const finding of first) {
    const card = findingCard(finding, "first");
    for (const event of ["mouseenter", "focusin"]) card.addEventListener(event, () => light(finding));
    for (const event of ["mouseleave", "focusout"]) card.addEventListener(event, () => light(null));
    list.append(card);
  }
  byId("first-all").textContent = data.findings.length > first.length ? `All ${data.findings.length}` : "";
  return (act) => { light = act; };
}

function showModels(data) {
  const { columns, rows } = data.models;
  const table = byId("models-table");
  if (!rows.length) {
    table.replaceWith(el("p", { class: "quiet" }, "No model was found that is trained, kept or used here."));
    return;
  }
  const head = el("tr", {}, columns.map((column) => el("th", { scope: "col" }, column)));
  const body = rows.map((row) => el("tr", {},
    el("th", { scope: "row" }, row.name),
    row.cells.map((lines, place) => modelCell(lines, columns[place + 1])),
    el("td", { "data-column": "findings" }, row.count ? modelFindings(data, row) : el("span", { class: "quiet" }, "0"))));
  table.append(el("thead", {}, head), el("tbody", {}, body));
  foldRows(table, 8);
}

function modelCell(lines, column) {
  if (!lines.length) return el("td", { "data-column": column, class: "unknown" }, "not found");
  return el("td", { "data-column": column }, lines.map((line) => el("div", { title: line }, line)));
}

function modelFindings(data, row) {
  const wanted = row.findings.map((number) => data.findings[number].id);
  const show = () => document.dispatchEvent(new CustomEvent("filter", { detail: { only: wanted, called: row.name } }));
  return el("button", { type: "button", class: "plain", on: { click: show } }, String(row.count));
}

function foldRows(table, most) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length <= most + 2) return;
  const rest = rows.slice(most);
  rest.forEach((row) => row.classList.add("folded"));
  const button = el("button", { type: "button", class: "plain more" }, `${rest.length} more models`);
  button.addEventListener("click", () => {
    rest.forEach((row) => row.classList.remove("folded"));
    button.remove();
  });
  table.parentElement.after(button);
}
