/* Options one can press. Without this script the same list is there to read: plain on the front, marked on the back.
   Front and back agree through what the front remembered (order, choice); where nothing can be remembered, the order
   follows from the card and the day, which both sides know. No two opening braces may meet: Anki would read a field. */
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

  function remember(state) {
    window.deckwrightState = state;
    try { sessionStorage.setItem("deckwright", JSON.stringify(state)); } catch (error) { /* a private window */ }
  }
  function remembered() {
    var state = window.deckwrightState;
    try { state = JSON.parse(sessionStorage.getItem("deckwright")) || state; } catch (error) { /* as above */ }
    return state && state.key === key && state.order.length === items.length ? state : null;
  }
  function storing() {
    try { sessionStorage.setItem("deckwright test", "1"); return sessionStorage.getItem("deckwright test") === "1"; }
    catch (error) { return false; }
  }
  function ofTheDay() {
    var seed = 2166136261;
    var text = key + new Date().toDateString();
    for (var i = 0; i < text.length; i++) seed = Math.imul(seed ^ text.charCodeAt(i), 16777619) >>> 0;
    return function () {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 4294967296;
    };
  }
  function shuffled() {
    var order = items.map(function (item, place) { return place; });
    if (list.getAttribute("data-order") === "fixed") return order;
    var random = storing() ? Math.random : ofTheDay();
    for (var i = movable - 1; i > 0; i--) {
      var j = Math.floor(random() * (i + 1));
      var held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
    return order;
  }

  var state = back ? remembered() : null;
  if (!state) state = {key: key, order: shuffled(), chosen: []};
  if (!back) remember(state);
  state.order.forEach(function (place) { list.appendChild(items[place]); });

  function mark() {
    items.forEach(function (item, place) {
      var chosen = state.chosen.indexOf(place) >= 0;
      item.classList.toggle("chosen", chosen);
      if (several && !back) item.firstChild.setAttribute("aria-pressed", String(chosen));
    });
  }
  function reveal() {
    list.classList.add("answered");
    var right = items.every(function (item, place) {
      return item.classList.contains("correct") === (state.chosen.indexOf(place) >= 0);
    });
    verdict.textContent = right ? "Right." : "Not right.";
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
  list.parentNode.insertBefore(verdict, list.nextSibling);
  var done = null;
  if (several && !back) {
    done = document.createElement("button");
    done.type = "button";
    done.className = "done";
    done.textContent = "Check my choice";
    list.parentNode.insertBefore(done, verdict);
    pressable(done, function () { if (state.chosen.length) reveal(); });
  }
  items.forEach(function (item, place) {
    pressable(item.firstChild, function () {
      var at = state.chosen.indexOf(place);
      if (!several) state.chosen = [place];
      else if (at >= 0) state.chosen.splice(at, 1);
      else state.chosen.push(place);
      remember(state);
      mark();
      if (!several) reveal();
    });
  });
  mark();
  if (back && state.chosen.length) reveal();
})();
