// Searches the sections of all pages, without a server: index.json has the pages.
const form = document.getElementById("site-search");
const input = form.querySelector("input");
const results = document.getElementById("site-results");
let sections; // a promise, from the first time that the field gets the focus

form.hidden = false; // it is of no use without scripts
form.addEventListener("submit", (event) => event.preventDefault());
input.addEventListener("focus", () => { sections ??= load(); });
input.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { input.value = ""; show(); }
  if (event.key === "/" && !event.target.matches("input")) { event.preventDefault(); input.focus(); }
});

async function load() {
  const response = await fetch(form.dataset.index);
  return (await response.json()).flatMap(divide);
}

// divide returns the sections of a page, each with its heading, its address and its text.
function divide(page) {
  const found = [];
  const content = new DOMParser().parseFromString(page.content, "text/html");
  for (const anchor of content.querySelectorAll(".anchor")) anchor.remove();
  for (const element of content.body.children) {
    if (/^H[1-6]$/.test(element.tagName)) {
      const top = element.tagName === "H1";
      found.push({ page: page.title, heading: top ? "" : element.textContent.trim(), url: top ? page.url : `${page.url}#${element.id}`, text: "" });
    } else if (found.length) {
      found.at(-1).text += ` ${element.textContent}`;
    }
  }
  return found.map((section) => ({ ...section, low: `${section.page} ${section.heading} ${section.text}`.toLowerCase() }));
}

async function show() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = await (sections ??= load());
  if (words.join(" ") !== input.value.toLowerCase().split(/\s+/).filter(Boolean).join(" ")) return; // typed on
  results.replaceChildren();
  if (!words.length) return;
  const inHeading = (section) => words.some((word) => section.heading.toLowerCase().includes(word));
  const found = all.filter((section) => words.every((word) => section.low.includes(word)))
    .sort((a, b) => inHeading(b) - inHeading(a)).slice(0, 12);
  for (const section of found) {
    const link = document.createElement("a");
    link.href = section.url;
    link.textContent = section.heading || section.page;
    const note = document.createElement("span");
    note.textContent = section.heading ? section.page : "";
    const item = document.createElement("li");
    item.append(link, note);
    results.append(item);
  }
  if (!found.length) results.append(Object.assign(document.createElement("li"), { textContent: "Nothing found" }));
}
