"use strict";
/* A button below each search copies it. Without this script, or where a page may not copy, the search can be selected. */
const said = document.querySelector("main").dataset;
for (const search of document.querySelectorAll("pre")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = said.copy;
  button.addEventListener("click", async () => {
    window.getSelection().selectAllChildren(search);
    let copied = document.execCommand("copy");
    if (!copied && navigator.clipboard) {
      copied = await navigator.clipboard.writeText(search.textContent.trim()).then(() => true, () => false);
    }
    if (copied) button.textContent = said.copied;
  });
  const phone = document.createElement("p");
  phone.className = "phone";
  phone.textContent = said.phone;
  search.after(button, phone);
}
