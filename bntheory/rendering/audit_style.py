"""How the page of the audit looks, and the few lines of script that its search takes."""

#: The colours, as they are in the light and in the dark.
LIGHT = """\
--shade: #f5f5f2; --line: #d8d8d8; --page: #fff; --ink: #1a1a1a; --soft: #5b5b5b;
  --link: #0b57a4; --derived: #0b57a4; --printed: #c2410c; --band: #0b57a422;
  --holds: #15653a; --holds-approximately: #5b6b00; --misprint: #8a5300; --fails: #b00020;
  --open: #5b5b5b;"""
DARK = """\
--shade: #202327; --line: #444; --page: #16181b; --ink: #e6e6e6; --soft: #a8a8a8;
  --link: #8ab8ff; --derived: #8ab8ff; --printed: #ff9a62; --band: #8ab8ff33;
  --holds: #7fd6a3; --holds-approximately: #cdd56b; --misprint: #f0b765; --fails: #ff8a98;
  --open: #a8a8a8;"""

#: Verdicts and measured figures, wherever they stand.
FIGURE = """\
.badge { display: inline-block; font: 600 .82rem/1.5 system-ui, sans-serif; white-space: nowrap;
  color: var(--page); background: var(--open); border-radius: .8em; padding: 0 .7em; }
.badge.holds { background: var(--holds); } .badge.misprint { background: var(--misprint); }
.badge.holds-approximately { background: var(--holds-approximately); }
.badge.fails { background: var(--fails); }
.measured { margin: 1rem 0; } .measured figcaption { font-size: .9rem; color: var(--soft); }
.key { display: inline-block; margin-right: 1.2rem; }
.key::before { content: ""; display: inline-block; margin-right: .45em; vertical-align: middle; }
.key.dot::before { width: .6em; height: .6em; border-radius: 50%; background: var(--ink); }
.key.derived::before { width: .18em; height: 1em; background: var(--derived); }
.key.printed::before { height: 1em; border-left: .18em dashed var(--printed); }
.quantity { font-weight: 600; margin-top: .7rem; }
.strips { list-style: none; margin: 0; padding: 0; }
.strips li { display: grid; grid-template-columns: 17rem minmax(0, 1fr); gap: 0 .9rem;
  align-items: center; font-size: .85rem; line-height: 1.3; padding: .12rem 0; }
.strips .system { overflow-wrap: anywhere; }
.strips .numbers { grid-column: 2; color: var(--soft); overflow-wrap: anywhere; }
.strips svg { width: 100%; height: 1.3rem; display: block; overflow: hidden; }
.ends { display: flex; justify-content: space-between; color: var(--soft); font-size: .8rem;
  margin-left: 17.9rem; font-variant-numeric: tabular-nums; }
.strips path { vector-effect: non-scaling-stroke; fill: none; }
.axis { stroke: var(--line); } .zero { stroke: var(--soft); stroke-dasharray: 1 3; }
.margin { fill: var(--band); } .strips .derived { stroke: var(--derived); stroke-width: 2.5; }
.strips .printed { stroke: var(--printed); stroke-width: 2.5; stroke-dasharray: 4 3; }
.bar { stroke: var(--ink); stroke-width: 2; }
.dot { stroke: var(--ink); stroke-width: 7; stroke-linecap: round; }
@media (max-width: 44rem) {
  .strips li { grid-template-columns: minmax(0, 1fr); padding: .35rem 0; }
  .strips .numbers { grid-column: 1; } .ends { margin-left: 0; }
}
@media print {
  .badge[class] { color: inherit; background: none; border: 1px solid currentColor; }
  .strips li { break-inside: avoid; }
}
"""

STYLE = f":root {{ {LIGHT} }}\n" + """\
[hidden] { display: none !important; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); }
.audit { max-width: 60rem; }
.audit > section { border-top: 1px solid var(--line); margin-top: 2.4rem; padding-top: .4rem; }
.audit a { color: var(--link); text-decoration-thickness: .06em; text-underline-offset: .15em; }
.audit h2 { border: 0; font-size: 1.3rem; margin: 1rem 0 .2rem; overflow-wrap: anywhere; }
.audit h2 a { color: inherit; text-decoration: none; }
.audit h2 a:hover { text-decoration: underline; }
.audit h3 { margin: 1.3rem 0 .3rem; }
.audit code { font-size: .9em; overflow-wrap: anywhere; }
.audit .because { font-size: 1.05rem; }
.bntheory .counts { list-style: none; display: grid; gap: .4rem .9rem; padding: 0; margin: 1rem 0;
  grid-template-columns: max-content 15rem 1fr; align-items: baseline; }
.counts li { display: contents; } .counts .badge { justify-self: start; }
.counts .ids { line-height: 1.4; } .counts .ids a, .glance a { white-space: nowrap; }
.search { margin: 1.2rem 0; }
.search input { font: inherit; width: 100%; box-sizing: border-box; padding: .45rem .7rem;
  color: var(--ink); background: var(--shade); border: 1px solid var(--soft);
  border-radius: .4rem; }
.search p { color: var(--soft); font-size: .9rem; min-height: 1.5em; }
.glance { border-collapse: collapse; width: 100%; font-size: .95rem; }
.glance th, .glance td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.glance th { font-weight: 600; } .glance td:first-child { white-space: nowrap; }
.audit details { background: var(--shade); border-radius: .4rem; margin: .8rem 0;
  padding: 0 .9rem; }
.audit summary { cursor: pointer; padding: .5rem 0; font-weight: 600; }
.audit details[open] { padding-bottom: .8rem; }
.audit details h2 { font-size: 1.1rem; }
@media (max-width: 44rem) {
  .glance, .glance tbody, .glance tr, .glance td { display: block; }
  .glance thead { display: none; }
  .glance td { border: 0; padding: .1rem 0; }
  .glance tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .bntheory .counts { grid-template-columns: minmax(0, 1fr); gap: .2rem; }
  .counts .ids { margin-bottom: .7rem; }
}
@media print {
  .search { display: none; }
  .audit details { background: none; padding: 0; }
  .audit a { color: inherit; }
  .audit > section, .glance tr { break-inside: avoid; }
}
""" + FIGURE + f"@media (prefers-color-scheme: dark) {{ :root {{ {DARK} }} }}\n"

SCRIPT = """\
(function () {
  var form = document.querySelector(".search"), box = form.querySelector("input");
  var said = form.querySelector("p"), parts = {};
  form.hidden = false;
  document.querySelectorAll("[data-id]").forEach(function (part) {
    var id = part.dataset.id;
    parts[id] = parts[id] || [];
    parts[id].push(part);
  });
  function search() {
    var words = box.value.toLowerCase().split(/\\s+/).filter(Boolean), shown = 0;
    Object.keys(parts).forEach(function (id) {
      var text = parts[id].map(function (part) { return part.dataset.words || ""; }).join(" ");
      var found = words.every(function (word) { return text.indexOf(word) >= 0; });
      parts[id].forEach(function (part) { part.hidden = !found; });
      shown += found;
    });
    said.textContent = words.length ? shown + " of " + Object.keys(parts).length : "";
  }
  box.addEventListener("input", search);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("hashchange", function () {
    var target = document.getElementById(location.hash.slice(1));
    if (target && target.hidden) { box.value = ""; search(); target.scrollIntoView(); }
  });
})();
"""
