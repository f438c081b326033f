// Findings: one card each, the list of all of them, its filters, and the address of each.

const STEP = 60;

function findingCard(finding, place) {
  const id = place === "list" ? `finding-${finding.id}` : null;
  const card = el("details", { class: `finding ${finding.severity}`, id });
  const head = el("summary", {},
    el("span", { class: "line" }, el("span", { class: `tag ${finding.severity}` }, finding.severity),
      el("span", { class: "rule" }, finding.rule),
      finding.confidence === "certain" ? null : el("span", { class: "quiet" }, finding.confidence)),
    el("span", { class: "message" }, rich(finding.message)),
    el("span", { class: "place" }, where(finding.at)));
  card.append(head);
  card.addEventListener("toggle", () => {
    if (card.open && card.children.length === 1) card.append(findingBody(finding));
  });
  return card;
}

function findingBody(finding) {
  const body = el("div", { class: "body" });
  if (finding.remedy) body.append(el("p", { class: "remedy" }, rich(finding.remedy)));
  if (finding.frame.length) body.append(frame(finding));
  if (finding.trail.length) body.append(trail(finding.trail));
  const facts = [
    ...alsoAt(finding.also),
    ["reaches", finding.reach.join(", ")],
    ["owners", finding.owners.join(", ")],
    ["would be wrong if", finding.refutation],
  ].filter(([, text]) => text);
  if (facts.length) {
    body.append(el("dl", {}, facts.map(([name, text]) => [el("dt", {}, name), el("dd", {}, rich(text))])));
  }
  const address = `#finding-${finding.id}`;
  const show = () => document.dispatchEvent(new CustomEvent("trail", { detail: finding.id }));
  body.append(el("p", { class: "actions" }, el("a", { href: address }, "Address of this finding"),
    el("button", { type: "button", class: "plain", on: { click: show } }, "Show in the graph"),
    el("code", {}, `mldebt explain ${finding.rule}`)));
  return body;
}

function frame(finding) {
  return el("pre", {}, finding.frame.map(([number, text]) =>
    el("span", { class: number === finding.at[1] ? "here" : "" }, `${String(number).padStart(5)}  ${text}\n`)));
}

function trail(stops) {
  return el("ol", { class: "trail" }, stops.map(([kind, detail, ...at]) =>
    el("li", {}, kind ? el("b", {}, kind) : null, kind ? " " : null, detail ? el("span", {}, detail) : null,
      el("span", { class: "place" }, where(at)))));
}

function alsoAt(stops) {
  const groups = new Map();
  for (const [kind, detail, ...at] of stops) {
    const label = kind && detail ? `${kind}: ${detail}` : kind || detail || "also";
    groups.set(label, [...(groups.get(label) || []), where(at)]);
  }
  return [...groups].slice(0, 8).map(([label, places]) => [label, places.slice(0, 8).join(", ")]);
}

// The list of all findings, with what is asked for.
function findingList(data) {
  const asked = { text: "", severity: "", family: "", component: "", owner: "", rule: "", only: null, called: "" };
  let shown = STEP;
  const form = byId("findings-filter");
  const choice = (key, words, values) => {
    const select = el("select", { name: key }, el("option", { value: "" }, `every ${words}`),
      values.map((value) => el("option", { value }, value)));
    select.addEventListener("change", () => change({ [key]: select.value }));
    return values.length > 1 ? el("label", {}, `${words} `, select) : null;
  };
  const distinct = (key) => [...new Set(data.findings.flatMap((one) => one[key]))].sort();
  const search = el("input", { type: "search", name: "text", autocomplete: "off", placeholder: "words, a path, a rule" });
  search.addEventListener("input", () => change({ text: search.value }));
  const clear = el("button", { type: "button", class: "plain", hidden: true }, "");
  clear.addEventListener("click", () => change({ only: null, called: "" }));
  form.append(...[el("label", { class: "search" }, "Search ", search),
    choice("severity", "severity", SEVERITIES.filter((one) => distinct("severity").includes(one))),
    choice("family", "family", distinct("family")), choice("component", "component", distinct("component")),
    choice("owner", "owner", distinct("owners")), choice("rule", "rule", distinct("rule")), clear].filter(Boolean));
  form.addEventListener("submit", (event) => event.preventDefault());
  byId("findings-more").addEventListener("click", () => {
    shown += STEP;
    render();
  });

  function fits(finding) {
    if (asked.only && !asked.only.includes(finding.id)) return false;
    if (asked.owner && !finding.owners.includes(asked.owner)) return false;
    if (["severity", "family", "component", "rule"].some((key) => asked[key] && finding[key] !== asked[key])) return false;
    const text = [finding.message, finding.rule, finding.title, where(finding.at), ...finding.owners,
      ...finding.trail.map((stop) => stop.slice(0, 3).join(" "))].join(" ").toLowerCase();
    return asked.text.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  }

  function change(wanted) {
    Object.assign(asked, wanted);
    shown = STEP;
    for (const field of form.elements) if (field.name && field.value !== asked[field.name]) field.value = asked[field.name];
    render();
  }

  function render() {
    const found = data.findings.filter(fits);
    byId("findings-list").replaceChildren(...found.slice(0, shown).map((finding) => findingCard(finding, "list")));
    byId("findings-count").textContent = found.length === data.findings.length
      ? many(found.length, "finding") : `${found.length} of ${many(data.findings.length, "finding")}`;
    const more = byId("findings-more");
    more.hidden = found.length <= shown;
    more.textContent = `Show ${Math.min(STEP, found.length - shown)} more`;
    clear.hidden = !asked.only;
    clear.textContent = `only those of ${asked.called} \u2715`;
  }

  const everything = { text: "", severity: "", family: "", component: "", owner: "", rule: "", only: null, called: "" };
  function open(id) {
    const number = data.findings.findIndex((one) => one.id === id);
    if (number < 0) return false;
    if (!fits(data.findings[number])) Object.assign(asked, everything);
    shown = Math.max(shown, STEP * Math.ceil((number + 1) / STEP));
    change({});
    shown = Math.max(shown, STEP * Math.ceil((number + 1) / STEP));
    render();
    const card = byId(`finding-${id}`);
    card.open = true;
    card.scrollIntoView({ block: "start" });
    card.querySelector("summary").focus({ preventScroll: true });
    return true;
  }

  render();
  return { open, ask: (wanted) => change({ ...everything, ...wanted }) };
}
