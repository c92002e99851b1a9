"use strict";
// Filters and differences. Nothing is ever built from strings of markup: answers are text and stay text.
const byId = (id) => document.getElementById(id);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const cases = all(".case");
const folded = (text) =>
  text.normalize("NFKD").replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640\u2066-\u2069\u200e\u200f]/g, "")
    .replace(/[أإآٱ]/g, "ا").replace(/ى/g, "ي").replace(/ة/g, "ه").toLowerCase()
    .replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660));
const texts = new Map(cases.map((c) => [c, folded(c.textContent)]));

function filter() {
  const words = folded(byId("search").value).split(/\s+/).filter(Boolean);
  const status = byId("status").value, tag = byId("tag").value, different = byId("different").checked;
  let shown = 0;
  for (const c of cases) {
    const fits = (!status || c.dataset.status.split(" ").includes(status))
      && (!tag || c.dataset.tags.split(" ").includes(tag))
      && (!different || c.dataset.different === "yes")
      && words.every((w) => texts.get(c).includes(w));
    c.hidden = !fits;
    shown += fits;
  }
  byId("shown").textContent = shown;
  byId("none").hidden = shown > 0;
}

// Longest common subsequence of words; answers have at most some hundred of them.
function difference(before, after) {
  const words = (text) => text.split(/[^\S\n]+|(?=\n)|(?<=\n)/).filter(Boolean); // a line end is a word
  const a = words(before), b = words(after);
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i][j] = a[i] === b[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
  const parts = [];
  const flush = (removed, added) => {
    if (removed.length) parts.push({ kind: "del", text: removed.join(" ") });
    if (added.length) parts.push({ kind: "ins", text: added.join(" ") });
    removed.length = added.length = 0;
  };
  const removed = [], added = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      flush(removed, added);
      const last = parts[parts.length - 1];
      if (last && last.kind === "same") last.text += " " + a[i]; else parts.push({ kind: "same", text: a[i] });
      i++; j++;
    } else if (j >= b.length || (i < a.length && length[i + 1][j] >= length[i][j + 1])) removed.push(a[i++]);
    else added.push(b[j++]);
  }
  flush(removed, added);
  return parts;
}

function compare() {
  const mark = byId("compare").value;
  for (const c of cases) {
    const base = mark && all(".answer", c).find((a) => a.dataset.column === mark);
    const before = base && base.querySelector(".text");
    for (const earlier of all(".earlier-answer", c)) earlier.hidden = earlier.dataset.column !== mark;
    for (const answer of all(".answer", c)) {
      const plain = answer.querySelector(".text"), shown = answer.querySelector(".difference");
      if (!plain || !shown) continue;
      const on = Boolean(before) && answer !== base;
      plain.hidden = on;
      shown.hidden = !on;
      shown.replaceChildren();
      if (!on) continue;
      for (const part of difference(before.textContent.trim(), plain.textContent.trim())) {
        const node = part.kind === "same" ? document.createTextNode(part.text) : document.createElement(part.kind);
        if (part.kind !== "same") node.textContent = part.text;
        shown.append(node, " ");
      }
    }
  }
}

for (const id of ["search", "status", "tag", "different"]) byId(id).addEventListener("input", filter);
byId("compare").addEventListener("input", compare);
byId("open").addEventListener("click", () => { for (const c of cases) if (!c.hidden) c.open = true; });
byId("close").addEventListener("click", () => { for (const c of cases) c.open = false; });
// A mark in an answer leads to its quote, which lies in a folded part.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const target = link && byId(link.getAttribute("href").slice(1));
  for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
});
filter();
