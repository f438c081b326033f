// Sums: the debt by component, family and owner, and the figure of the paper in this repository's proportions.

const SUMS = [["component", "By component"], ["family", "By family"], ["owner", "By owner"]];

function showSums(data, list) {
  for (const [key, title] of SUMS) {
    const rows = data.debt[key];
    if (!rows.length) {
      if (key === "owner" && data.findings.length) {
        byId("sums").append(el("div", {}, el("h3", {}, title), el("p", { class: "quiet" }, "No CODEOWNERS file names an owner.")));
      }
      continue;
    }
    const most = Math.max(...rows.map(([, ...numbers]) => numbers.reduce((a, b) => a + b)), 1);
    const filter = key === "owner" ? "owner" : key;
    byId("sums").append(el("div", {}, el("h3", {}, title),
      el("table", { class: "bars" }, el("tbody", {}, rows.slice(0, 12).map((row) => sumRow(row, most, filter, list))))));
  }
}

function sumRow([name, ...numbers], most, key, list) {
  const total = numbers.reduce((a, b) => a + b);
  const said = numbers.map((number, place) => many(number, SEVERITIES[place])).join(", ");
  const bar = el("span", { class: "bar", role: "img", "aria-label": said, title: said });
  numbers.forEach((number, place) => {
    if (!number) return;
    const part = el("span", { class: SEVERITIES[place] });
    part.style.width = `${(100 * number) / most}%`;
    bar.append(part);
  });
  const known = total && name !== "nobody";
  const show = () => {
    list.ask({ [key]: name });
    byId("findings").scrollIntoView();
    byId("findings").focus({ preventScroll: true });
  };
  const label = known ? el("button", { type: "button", class: "plain", on: { click: show } }, name) : name;
  return el("tr", {}, el("th", { scope: "row", title: name }, label), el("td", {}, bar), el("td", { class: "number" }, String(total)));
}

function showFigure(data) {
  const boxes = data.figure.boxes.filter(([, lines]) => lines);
  const total = boxes.reduce((sum, [, lines]) => sum + lines, 0);
  byId("figure-how").textContent = data.figure.how;
  if (!total) {
    byId("figure").hidden = true;
    return;
  }
  const largest = Math.max(...boxes.map(([, lines]) => lines));
  const scale = Math.min(Math.sqrt(26000 / largest), Math.sqrt(150000 / total));
  for (const [name, lines] of boxes) {
    const side = Math.max(Math.sqrt(lines) * scale, 6);
    const square = el("span", { class: "square" });
    square.style.width = square.style.height = `${side.toFixed(1)}px`;
    const share = (100 * lines) / total;
    byId("figure-boxes").append(el("div", { class: name === "ML code" ? "part ml" : "part" }, square,
      el("b", {}, name), el("span", { class: "quiet" }, `${share < 1 ? "under 1" : Math.round(share)}% \u00b7 ${many(lines, "line")}`)));
  }
  const none = data.figure.boxes.filter(([, lines]) => !lines).map(([name]) => name.toLowerCase());
  byId("figure-none").textContent = none.length ? `None found of: ${none.join(", ")}.` : "";
}
