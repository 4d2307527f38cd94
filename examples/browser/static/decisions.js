// SPDX-License-Identifier: Apache-2.0

async function show() {
  const decisions = await (await fetch("/decisions.json")).json();
  document.getElementById("decisions").replaceChildren(...decisions.map(d => {
    const row = document.createElement("tr");
    for (const [text, style] of [[`${d.method} ${d.path}`, ""], [d.allowed ? "allowed" : "refused", d.allowed ? "good" : "bad"], [d.reason, ""]]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      cell.className = style;
      row.append(cell);
    }
    return row;
  }));
}
show();
setInterval(show, 1000);
