"use strict";
const { quiz, words } = JSON.parse(document.getElementById("page").textContent);
const questions = [...document.querySelectorAll("section.question")];

// What the learner did, by the question's id: the options chosen or the text, whether the answer is shown, the grade.
let done = {};
try {
  done = JSON.parse(sessionStorage.getItem(quiz)) || {};
} catch {
  // Storage is forbidden: nothing is kept when the page is loaded again.
}

function keep() {
  try {
    sessionStorage.setItem(quiz, JSON.stringify(done));
  } catch {
    // As above.
  }
}

function score() {
  const grades = Object.values(done).map((one) => one.right).filter((right) => right !== undefined);
  if (Object.values(done).some((one) => one.shown)) document.getElementById("again").hidden = false;
  if (grades.length === 0) return;
  const values = { good: grades.filter(Boolean).length, answered: grades.length };
  document.getElementById("score").textContent = words.progress.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function show(question) {
  const own = done[question.id];
  const boxes = [...question.querySelectorAll("input.choice")];
  const correct = (box) => box.dataset.side === "correct";
  for (const box of boxes) {
    box.disabled = true;
    if (!correct(box) && !box.checked) continue;
    const label = box.closest("label");
    label.classList.add(correct(box) ? "correct" : "wrong");
    label.querySelector(".mark").textContent = correct(box) ? words.right_option : words.wrong_option;
  }
  if (boxes.length > 0) own.right = boxes.every((box) => box.checked === correct(box));
  question.querySelector("button[type=submit]").disabled = true;
  if (own.right !== undefined) question.querySelector(".verdict").textContent = own.right ? words.right : words.not_right;
  for (const button of question.querySelectorAll(".grade button")) {
    button.setAttribute("aria-pressed", own.right === (button.value === "right"));
  }
  question.querySelector(".answer").hidden = false;
  question.classList.add("shown");
  score();
}

for (const question of questions) {
  const own = (done[question.id] ||= {});
  const boxes = [...question.querySelectorAll("input.choice")];
  const text = question.querySelector("textarea");
  const missing = question.querySelector(".missing");
  boxes.forEach((box, place) => (box.checked = (own.chosen || []).includes(place)));
  if (text) text.value = own.text || "";
  if (own.shown) show(question);
  question.addEventListener("input", () => {
    if (text) own.text = text.value;
    else own.chosen = boxes.flatMap((box, place) => (box.checked ? [place] : []));
    if (missing) missing.textContent = "";
    keep();
  });
  question.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (missing && !boxes.some((box) => box.checked)) {
      missing.textContent = words.nothing_chosen;
      return;
    }
    own.shown = true;
    show(question);
    keep();
    question.querySelector(".answer").focus();
  });
  for (const button of question.querySelectorAll(".grade button")) {
    button.addEventListener("click", () => {
      own.right = button.value === "right";
      show(question);
      keep();
    });
  }
}

document.getElementById("again").addEventListener("click", () => {
  done = {};
  keep();
  scrollTo(0, 0);
  location.reload();
});
