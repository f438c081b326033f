// Where it begins: the data, each part of the page, and addresses.

const data = JSON.parse(byId("data").textContent);
showHeader(data);
const whenPointed = showFirst(data);
whenPointed(showMap(data));
showModels(data);
const list = findingList(data);
showSums(data, list);
showFigure(data);
const explorer = explore(data);

document.addEventListener("filter", (event) => {
  list.ask(event.detail);
  byId("findings").scrollIntoView();
  byId("findings").focus({ preventScroll: true });
});
document.addEventListener("trail", (event) => explorer.trail(event.detail));
document.addEventListener("find", (event) => explorer.find(event.detail));

function follow() {
  let wanted = "";
  try {
    wanted = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;
  }
  if (wanted.startsWith("finding-")) list.open(wanted.slice("finding-".length));
  else if (wanted.startsWith("at-")) explorer.open(wanted.slice("at-".length));
}
addEventListener("hashchange", follow);
follow();
