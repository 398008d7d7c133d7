"use strict";
const total = document.querySelectorAll("section.question").length;
const results = new Map();

function note(question, right) {
  results.set(question.id, right);
  question.classList.add("done");
  question.querySelector(".answer").hidden = false;
  const verdict = question.querySelector(".verdict");
  if (verdict && right !== null) verdict.textContent = right ? "Right." : "Not right.";
  const said = [...results.values()].filter((one) => one !== null);
  const good = said.filter(Boolean).length;
  document.getElementById("score").textContent = `${good} of ${said.length} right, ${total} questions in all`;
}

for (const question of document.querySelectorAll("section.question")) {
  const form = question.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const boxes = [...form.querySelectorAll("input.choice")];
    if (boxes.length === 0) {
      question.querySelector(".answer").hidden = false;
      question.querySelector(".grade").hidden = false;
      question.querySelector(".grade button").focus();
      return;
    }
    if (!boxes.some((box) => box.checked)) return;
    for (const box of boxes) {
      box.disabled = true;
      const label = box.closest("label");
      const correct = box.dataset.side === "correct";
      if (correct || box.checked) label.classList.add(correct ? "correct" : "wrong");
      if (correct || box.checked) label.querySelector(".mark").textContent = correct ? "✓ right" : "✗ wrong";
    }
    form.querySelector("button[type=submit]").disabled = true;
    note(question, boxes.every((box) => box.checked === (box.dataset.side === "correct")));
    question.querySelector(".answer").focus();
  });
  for (const button of question.querySelectorAll(".grade button")) {
    button.addEventListener("click", () => {
      for (const other of question.querySelectorAll(".grade button")) other.setAttribute("aria-pressed", other === button);
      note(question, button.value === "right");
    });
  }
}
