// The whole graph, folder by folder: boxes to open, evidence of what is chosen, a search, kinds, and one trail.

const OUTSIDE = -1;
const MOST_GHOSTS = 10;
const MOST_LINES = 40;
const CELL = { w: 166, h: 40, dx: 209, dy: 54 };

function explore(data) {
  const { kinds, links, levels, roles, paths, folders, nodes, edges } = data.graph;
  const above = new Map(folders.map(([path, over]) => [path, over]));
  const files = new Set(folders.filter(([, , file]) => file).map(([path]) => path));
  const at = new Map(folders.map(([path, , , x, y]) => [path, [x, y]]));
  const number = new Map(paths.map((path, place) => [path, place]));
  const leaving = nodes.map(() => []), arriving = nodes.map(() => []);
  edges.forEach((edge, place) => {
    leaving[edge[0]].push(place);
    arriving[edge[1]].push(place);
  });
  const homeOf = (node) => (nodes[node][5] === OUTSIDE ? OUTSIDE : nodes[node][2]);
  const hidden = new Set();
  const state = { level: OUTSIDE, chosen: null, trail: null, places: new Set() };
  const findingsIn = new Map();
  data.findings.forEach((finding) => {
    for (let path = number.get(finding.at[0]); path !== undefined && path !== OUTSIDE; path = above.get(path)) {
      findingsIn.set(path, [...(findingsIn.get(path) || []), finding]);
    }
  });

  const chains = new Map();
  const chain = (path) => {
    if (!chains.has(path)) chains.set(path, chainOf(path));
    return [...chains.get(path)];
  };
  const chainOf = (path) => {
    const found = [path];
    while (found[found.length - 1] !== OUTSIDE && above.has(found[found.length - 1])) found.push(above.get(found[found.length - 1]));
    return found;
  };
  const visibleNode = (node) => !hidden.has(nodes[node][0]);

  // What stands for a node in a drawing: a box of it, or a ghost of something beside it.
  function standIn(node, level, levels) {
    const path = homeOf(node);
    if (path === OUTSIDE) return files.has(level) ? `source:${node}` : "outside";
    if (path === level) return `node:${nodes[node][5]}:${nodes[node][6]}`;
    const way = chain(path);
    const inside = way.findIndex((one, place) => way[place + 1] === level && one !== OUTSIDE);
    if (inside >= 0) return `path:${way[inside]}`;
    const beside = way.find((one, place) => one !== OUTSIDE && levels.has(way[place + 1]));
    return `ghost:${beside === undefined ? path : beside}`;
  }

  function gather(level) {
    const boxes = new Map(), flows = new Map();
    const levels = new Set(chain(level));
    levels.add(OUTSIDE);
    if (files.has(level)) {
      nodes.forEach((node, place) => {
        if (homeOf(place) !== level || !visibleNode(place)) return;
        const key = standIn(place, level, levels);
        boxes.set(key, [...(boxes.get(key) || []), place]);
      });
    } else {
      folders.filter(([, over]) => over === level).forEach(([path]) => boxes.set(`path:${path}`, []));
    }
    edges.forEach(([source, target, kind, sure], place) => {
      if (!visibleNode(source) || !visibleNode(target)) return;
      const a = standIn(source, level, levels), b = standIn(target, level, levels);
      if (a === b || !(boxes.has(a) || boxes.has(b))) return;
      const key = `${a} ${b}`;
      const flow = flows.get(key) || { a, b, edges: [] };
      flow.edges.push(place);
      flows.set(key, flow);
    });
    return { boxes, flows: [...flows.values()] };
  }

  function ghosts(boxes, flows) {
    const weight = new Map();
    for (const { a, b, edges: inside } of flows) {
      for (const [key, side] of [[a, 1], [b, -1]]) {
        if (!boxes.has(key)) weight.set(key, (weight.get(key) || 0) + side * inside.length);
      }
    }
    const names = [...weight.keys()].sort((one, other) => labelOf(one).localeCompare(labelOf(other), "en"));
    const left = names.filter((key) => weight.get(key) >= 0), right = names.filter((key) => weight.get(key) < 0);
    return { left, right };
  }

  function labelOf(key) {
    const [kind, first] = key.split(":");
    if (key === "outside") return "data from outside";
    if (kind === "source") return nodes[Number(first)][1];
    if (kind === "more") return first;
    return kind === "ghost" ? paths[Number(first)] : "";
  }

  const leaf = (path) => paths[path].slice(paths[path].lastIndexOf("/") + 1);
  const nodeKey = (node) => [paths[nodes[node][2]], nodes[node][3], nodes[node][4]].join("|");

  function onTrail(key, members) {
    if (!state.trail) return false;
    const places = state.places;
    if (members && members.length) return members.some((node) => places.has(nodeKey(node)));
    const path = key.startsWith("path:") || key.startsWith("ghost:") ? paths[Number(key.split(":")[1])] : null;
    return path !== null && [...places].some((place) => {
      const file = place.slice(0, place.indexOf("|"));
      return file === path || file.startsWith(`${path}/`);
    });
  }

  const doing = (node) => (nodes[node][7] < 0 ? kinds[nodes[node][0]] : roles[nodes[node][7]].replace("_", " and "));

  function shapeOf(key, members, x, y) {
    const [kind, first] = key.split(":");
    const shape = { x, y, w: CELL.w, h: CELL.h, classes: onTrail(key, members) ? "lit" : "" };
    if (kind === "path") {
      const path = Number(first), inside = findingsIn.get(path) || [];
      return { ...shape, kind: files.has(path) ? "file" : "folder", label: leaf(path), title: paths[path],
        note: files.has(path) ? "file" : many(folders.filter(([, over]) => over === path).length, "part"),
        count: inside.length, severity: worst(inside.map((one) => one.severity)), act: () => open(path) };
    }
    if (kind === "node") {
      const node = members[0], [what, name] = nodes[node];
      return { ...shape, kind: kinds[what], label: members.length > 1 ? `${members.length} ${kinds[what]}s` : name,
        note: members.length > 1 ? members.map((one) => nodes[one][1]).join(", ") : `${doing(node)}, line ${nodes[node][3]}`,
        title: members.slice(0, 20).map((one) => nodes[one][1]).join("\n"),
        classes: `${shape.classes} ${state.chosen !== null && members.includes(state.chosen) ? "chosen" : ""}`,
        act: () => choose(node, members) };
    }
    const act = kind === "source" ? () => choose(Number(first), [Number(first)])
      : kind === "ghost" ? () => open(Number(first)) : null;
    return { ...shape, kind: kind === "ghost" ? "ghost" : "source", label: cut(labelOf(key), 60), title: labelOf(key),
      note: kind === "ghost" ? "elsewhere" : "", act };
  }

  function folded(names, most) {
    return names.length <= most ? [names, []] : [names.slice(0, most - 1), names.slice(most - 1)];
  }

  function render() {
    const { boxes, flows } = gather(state.level);
    const { left, right } = ghosts(boxes, flows);
    const shapes = [], places = new Map();
    const [leftShown, leftRest] = folded(left, MOST_GHOSTS), [rightShown, rightRest] = folded(right, MOST_GHOSTS);
    const shift = left.length ? 1 : 0;
    const add = (key, members, column, line) => {
      places.set(key, shapes.length);
      shapes.push(shapeOf(key, members, 4 + column * CELL.dx, 12 + line * CELL.dy));
    };
    const spots = [...boxes].map(([key, members]) => {
      const spot = key.startsWith("path:") ? at.get(Number(key.split(":")[1])) : key.split(":").slice(1).map(Number);
      return [key, members, spot];
    });
    const rows = spots.map(([, , spot]) => spot[1]);
    const top = Math.min(...rows, Infinity) === Infinity ? 0 : Math.min(...rows);
    spots.forEach(([key, members, [x, y]]) => add(key, members, x + shift, y - top));
    const last = Math.max(...spots.map(([, , spot]) => spot[0] + shift), -1) + 1;
    const stack = (shown, rest, column) => {
      shown.forEach((key, line) => add(key, null, column, line));
      if (rest.length) add(`more:${rest.length} more`, null, column, shown.length);
      rest.forEach((key) => places.set(key, places.get(`more:${rest.length} more`)));
    };
    stack(leftShown, leftRest, 0);
    stack(rightShown, rightRest, last);
    const lines = flows.map(({ a, b, edges: inside }) => ({
      a: places.get(a), b: places.get(b),
      dashed: inside.every((edge) => edges[edge][3] > 0),
      title: `${[...new Set(inside.map((edge) => links[edges[edge][2]]))].join(", ")}\n${many(inside.length, "link")}`,
      classes: state.trail && onTrail(a, boxes.get(a)) && onTrail(b, boxes.get(b)) ? "lit" : "",
      act: () => showLinks(inside),
    })).filter((line) => line.a !== line.b);
    const holder = byId("graph-drawing");
    if (shapes.length) {
      const drawn = draw(shapes, lines, titleOf(state.level));
      drawn.picture.classList.toggle("dim", Boolean(state.trail && shapes.some((shape) => shape.classes.includes("lit"))));
      holder.replaceChildren(drawn.picture);
    } else {
      holder.replaceChildren(el("p", { class: "quiet" }, "Nothing of the chosen kinds is here."));
    }
    showPath();
  }

  const titleOf = (level) => (level === OUTSIDE ? data.name : paths[level]);

  function showPath() {
    const way = chain(state.level).reverse();
    const crumbs = [OUTSIDE, ...way.filter((one) => one !== OUTSIDE)];
    byId("graph-path").replaceChildren(...crumbs.flatMap((path, place) => {
      const before = place > 1 ? paths[crumbs[place - 1]] + "/" : "";
      const words = path === OUTSIDE ? data.name : paths[path].slice(before.length);
      const here = path === state.level;
      const crumb = here ? el("b", { "aria-current": "location" }, words)
        : el("button", { type: "button", class: "plain", on: { click: () => open(path) } }, words);
      return place ? [el("span", { class: "quiet" }, "/"), crumb] : [crumb];
    }));
  }

  // The side: what is chosen, with its evidence.
  const side = (...parts) => byId("graph-side").replaceChildren(...parts.flat().filter(Boolean));

  function jump(node) {
    const words = `${nodes[node][1]}`;
    return el("button", { type: "button", class: "plain", title: words, on: { click: () => show(node) } }, cut(words, 46));
  }

  function edgeLine(edge, from) {
    const [source, target, kind, sure, path, line, cell] = edges[edge];
    const ends = from === undefined ? [jump(source), ` ${links[kind]} \u2192 `, jump(target)]
      : from === source ? [`${links[kind]} \u2192 `, jump(target)] : [jump(source), ` ${links[kind]} \u2192`];
    return el("li", {}, ends, sure ? el("span", { class: "quiet" }, ` ${levels[sure]}`) : null,
      el("span", { class: "place" }, where([paths[path], line, cell])));
  }

  function edgeList(title, inside, from) {
    if (!inside.length) return [];
    const rest = inside.length - MOST_LINES;
    return [el("h4", {}, `${title} (${inside.length})`),
      el("ul", { class: "evidence" }, inside.slice(0, MOST_LINES).map((edge) => edgeLine(edge, from)),
        rest > 0 ? el("li", { class: "quiet" }, `and ${rest} more`) : null)];
  }

  function showLinks(inside) {
    side(el("h3", {}, many(inside.length, "link")), edgeList("Evidence", inside));
  }

  function choose(node, members) {
    state.chosen = node;
    render();
    const [kind, name, path, line, cell] = nodes[node];
    const several = members && members.length > 1
      ? [el("h4", {}, `One of ${members.length} alike`), el("p", { class: "quiet" }, members.slice(0, 60).map((one) => nodes[one][1]).join(", "))] : [];
    side(el("p", { class: `tag kind ${kinds[kind]}` }, kinds[kind]), el("h3", {}, name),
      el("p", { class: "place" }, where([paths[path], line, cell])),
      findingLinks(data.findings.filter((one) => [one.at, ...one.trail.map((stop) => stop.slice(2))].some((place) => place.join("|") === nodeKey(node)))),
      edgeList("Comes from", arriving[node], node), edgeList("Goes to", leaving[node], node), several);
    const picked = byId("graph-drawing").querySelector(".chosen");
    if (picked) picked.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function findingLinks(found) {
    if (!found.length) return [];
    return [el("h4", {}, many(found.length, "finding")), el("ul", { class: "evidence" }, found.slice(0, 12).map((one) =>
      el("li", {}, el("span", { class: `tag ${one.severity}` }, one.severity), " ", el("a", { href: `#finding-${one.id}` }, one.title || one.rule),
        el("span", { class: "place" }, where(one.at)))))];
  }

  function showLevel() {
    if (state.level === OUTSIDE) {
      side(el("p", { class: "quiet" }, "Open a folder or a file to see what is in it; choose a thing to see its evidence."));
      return;
    }
    const inside = nodes.filter((node, place) => chain(homeOf(place)).includes(state.level)).length;
    side(el("h3", {}, leaf(state.level)), el("p", { class: "place" }, paths[state.level]),
      el("p", { class: "quiet" }, `${many(inside, "thing")} of the graph`), findingLinks(findingsIn.get(state.level) || []));
  }

  function open(path, quiet) {
    state.level = path;
    state.chosen = null;
    render();
    showLevel();
    byId("graph-drawing").scrollTo(0, 0);
    if (!quiet) history.replaceState(null, "", path === OUTSIDE ? "#graph" : `#at-${encodeURIComponent(paths[path])}`);
    const first = byId("graph-drawing").querySelector("[tabindex]");
    if (!quiet && first && document.activeElement === document.body) byId("graph-drawing").focus({ preventScroll: true });
  }

  function show(node) {
    const path = homeOf(node);
    const level = path === OUTSIDE ? firstReader(node) : path;
    if (level !== state.level) open(level);
    choose(node, [node]);
  }

  function firstReader(node) {
    const reader = leaving[node].map((edge) => edges[edge][1]).find((one) => homeOf(one) !== OUTSIDE);
    return reader === undefined ? OUTSIDE : homeOf(reader);
  }

  // Search, kinds and trails.
  function hitsOf(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const fits = (value) => words.every((word) => value.toLowerCase().includes(word));
    const places = folders.filter(([path]) => fits(paths[path])).map(([path]) =>
      ({ words: paths[path], kind: files.has(path) ? "file" : "folder", act: () => open(path) }));
    const things = nodes.map((node, place) => [node, place]).filter(([node]) => !hidden.has(node[0]) && fits(node[1]));
    return [...places, ...things.map(([node, place]) =>
      ({ words: node[1], kind: kinds[node[0]], where: where([paths[node[2]], node[3], node[4]]), act: () => show(place) }))];
  }

  function search(text) {
    const found = hitsOf(text);
    byId("graph-hits").replaceChildren(...found.slice(0, 24).map((hit) => el("li", {},
      el("button", { type: "button", on: { click: hit.act } }, el("span", { class: `tag kind ${hit.kind}` }, hit.kind), " ", cut(hit.words, 70),
        hit.where ? el("span", { class: "place" }, hit.where) : null))),
    ...(found.length > 24 ? [el("li", { class: "quiet" }, `and ${found.length - 24} more`)] : []),
    ...(text.trim() && !found.length ? [el("li", { class: "quiet" }, "Nothing is called so.")] : []));
    return found;
  }

  function showKinds() {
    const counts = new Map();
    nodes.forEach(([kind]) => counts.set(kind, (counts.get(kind) || 0) + 1));
    byId("graph-kinds").append(...[...counts].sort(([a], [b]) => a - b).map(([kind, count]) => {
      const chip = el("button", { type: "button", "aria-pressed": "true", class: `chip ${kinds[kind]}` }, `${kinds[kind]} `, el("span", { class: "quiet" }, String(count)));
      chip.addEventListener("click", () => {
        if (!hidden.delete(kind)) hidden.add(kind);
        chip.setAttribute("aria-pressed", String(!hidden.has(kind)));
        render();
      });
      return chip;
    }));
  }

  function showTrails() {
    const select = byId("graph-trail");
    const told = data.findings.filter((one) => one.trail.length);
    select.append(el("option", { value: "" }, "no finding"), ...told.map((one) =>
      el("option", { value: one.id }, cut(`${one.rule} ${where(one.at)}`, 64))));
    select.addEventListener("change", () => setTrail(select.value));
  }

  function setTrail(id) {
    state.trail = data.findings.find((one) => one.id === id) || null;
    state.places = new Set(state.trail
      ? [state.trail.at, ...state.trail.trail.map((stop) => stop.slice(2))].map((one) => one.join("|")) : []);
    byId("graph-trail").value = state.trail && state.trail.trail.length ? id : "";
    if (!state.trail) {
      render();
      showLevel();
      return;
    }
    render();
    const stops = state.trail.trail.length ? state.trail.trail : [["", state.trail.title, ...state.trail.at]];
    side(el("h3", {}, state.trail.title), el("p", {}, state.trail.message), el("ol", { class: "trail" }, stops.map(([kind, detail, ...place]) => {
      const path = number.get(place[0]);
      const text = [kind, detail].filter(Boolean).join(" ");
      const go = () => {
        open(path, true);
        setTrail(id);
      };
      return el("li", {}, path !== undefined && at.has(path) ? el("button", { type: "button", class: "plain", on: { click: go } }, text) : text,
        el("span", { class: "place" }, where(place)));
    })), el("p", {}, el("a", { href: `#finding-${id}` }, "Open the finding")));
  }

  showKinds();
  showTrails();
  byId("graph-search").addEventListener("input", (event) => search(event.target.value));
  byId("graph-search").addEventListener("keydown", (event) => {
    const hits = event.key === "Enter" ? hitsOf(event.target.value) : [];
    if (hits.length) hits[0].act();
  });
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    open(OUTSIDE, true);
  };
  new IntersectionObserver((seen, observer) => {
    if (seen.some((one) => one.isIntersecting)) {
      observer.disconnect();
      begin();
    }
  }, { rootMargin: "600px" }).observe(byId("graph"));

  const come = () => {
    begin();
    byId("graph").scrollIntoView();
    byId("graph").focus({ preventScroll: true });
  };
  return {
    open(path) {
      begin();
      if (at.has(number.get(path))) {
        open(number.get(path), true);
        byId("graph").scrollIntoView();
      }
    },
    find(text) {
      come();
      byId("graph-search").value = text;
      const [first] = search(text);
      if (first) first.act();
    },
    trail(id) {
      come();
      const finding = data.findings.find((one) => one.id === id);
      const path = number.get(finding.at[0]);
      if (at.has(path)) open(path, true);
      setTrail(id);
    },
  };
}
