/* "Copy the card's id" shows the id, selects it and copies it. Where a page may not copy, as in Anki on a computer, the
   id stays selected for the learner to copy. It is a link because gestures in AnkiDroid exempt links and not buttons.
   No two opening braces may meet: Anki would read a field. */
(function () {
  var card = document.querySelector(".deckwright");
  var link = card && card.querySelector("a.copy");
  if (!link) return;
  var id = document.createElement("code");
  id.className = "id";
  id.textContent = card.getAttribute("data-card");
  link.addEventListener("click", function (event) {
    event.preventDefault();
    event.stopPropagation();
    link.parentNode.appendChild(id);
    window.getSelection().selectAllChildren(id);
    var copied = false;
    try { copied = document.execCommand("copy"); } catch (error) { /* not allowed here */ }
    link.textContent = copied ? [[ plain.id_copied | js ]] : [[ plain.id_shown | js ]];
  });
})();
