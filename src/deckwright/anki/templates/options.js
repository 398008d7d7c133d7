/* Options one can press. Without this script the same list is there to read: plain on the front, marked on the back.
   No two opening braces may meet: Anki would read a field.

   Both sides show the same order, and a learner should not learn positions. So the front shuffles each time and leaves
   order and choice for the back: in the page, which Anki keeps for both sides, and in the browser's storage, because
   AnkiDroid's classic reviewer loads a new page for each side. The storage may be emptied between the sides, and the
   front cannot foresee that. So it shuffles only if it finds what an earlier card left, which proves that things last.
   Otherwise it takes the card's own order, and so does a back that finds nothing. That order is made of the card's id
   and the page's address alone, which both sides have. There is no date in it, so a review may span midnight. (The
   address holds a port that Anki and AnkiDroid choose at each start, so even this order changes now and then.)
   A back that finds nothing shows the key and no verdict. */
(function () {
  var card = document.querySelector(".deckwright");
  var list = card && card.querySelector("ul.options");
  if (!list || list.getAttribute("data-ready")) return;
  list.setAttribute("data-ready", "yes");
  var back = card.classList.contains("back");
  var several = list.getAttribute("data-choose") === "several";
  var key = "deckwright " + card.getAttribute("data-card");
  var items = Array.prototype.slice.call(list.children);
  var movable = items.length - Number(list.getAttribute("data-last") || 0);
  var stores = ["sessionStorage", "localStorage"];

  function leave(state) {
    window.deckwrightState = state;
    stores.forEach(function (store) {
      try { window[store].setItem("deckwright", JSON.stringify(state)); } catch (error) { /* not allowed here */ }
    });
  }
  function found() {
    return stores.reduce(function (state, store) {
      try { return state || JSON.parse(window[store].getItem("deckwright")); } catch (error) { return state; }
    }, window.deckwrightState);
  }
  function ofTheCard() {
    var seed = 2166136261;
    var text = key + location.host;
    for (var i = 0; i < text.length; i++) seed = Math.imul(seed ^ text.charCodeAt(i), 16777619) >>> 0;
    return function () {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 4294967296;
    };
  }
  function shuffled(random) {
    var order = items.map(function (item, place) { return place; });
    if (list.getAttribute("data-order") === "fixed") return order;
    for (var i = movable - 1; i > 0; i--) {
      var j = Math.floor(random() * (i + 1));
      var held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }

  var left = found();
  var state = back && left && left.key === key && left.order.length === items.length ? left : null;
  if (!state) state = {key: key, order: shuffled(left && !back ? Math.random : ofTheCard()), chosen: []};
  if (!back) leave(state);
  state.order.forEach(function (place) { list.appendChild(items[place]); });

  function chosen(place) { return state.chosen.indexOf(place) >= 0; }
  function mark() {
    items.forEach(function (item, place) {
      item.classList.toggle("chosen", chosen(place));
      if (several && !back) item.firstChild.setAttribute("aria-pressed", String(chosen(place)));
    });
  }
  function reveal() {
    var right = true;
    items.forEach(function (item, place) {
      var correct = item.classList.contains("correct");
      item.classList.toggle("missed", several && correct && !chosen(place));
      right = right && correct === chosen(place);
    });
    list.classList.add("answered");
    verdict.className = right ? "verdict right" : "verdict wrong";
    verdict.textContent = right ? [[ plain.right | js ]] : [[ plain.not_right | js ]];
    if (done) done.hidden = true;
  }
  function quietly(event) { event.stopPropagation(); }
  function pressable(button, action) {
    ["pointerdown", "pointerup", "mousedown", "mouseup", "touchstart", "touchend"].forEach(function (name) {
      button.addEventListener(name, quietly, {passive: true});
    });
    button.addEventListener("click", function (event) {
      event.stopPropagation();
      event.preventDefault();
      if (!back && !list.classList.contains("answered")) action();
    });
  }

  var verdict = document.createElement("div");
  verdict.className = "verdict";
  verdict.setAttribute("role", "status");
  list.parentNode.insertBefore(verdict, list.parentNode.firstChild);
  var done = null;
  if (several && !back) {
    done = document.createElement("button");
    done.type = "button";
    done.className = "done";
    done.textContent = [[ plain.check_choice | js ]];
    list.parentNode.insertBefore(done, list.nextSibling);
    pressable(done, function () { if (state.chosen.length) reveal(); });
  }
  items.forEach(function (item, place) {
    pressable(item.firstChild, function () {
      var at = state.chosen.indexOf(place);
      if (!several) state.chosen = [place];
      else if (at >= 0) state.chosen.splice(at, 1);
      else state.chosen.push(place);
      leave(state);
      mark();
      if (!several) reveal();
    });
  });
  mark();
  if (back && state.chosen.length) reveal();
})();
