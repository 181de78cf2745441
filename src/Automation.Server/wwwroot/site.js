// What plain HTML cannot do; everything else is links, forms and htmx attributes.

// A form that asks first: <form data-ask="Really?">
document.addEventListener("submit", event => {
  const question = event.target.dataset?.ask;
  if (question && !window.confirm(question)) event.preventDefault();
});

// A control that sends its form when changed: <select data-send>
document.addEventListener("change", event => {
  if (event.target.matches?.("[data-send]")) event.target.form.requestSubmit();
});

// Fields that matter for one choice only, or for all but one: <div data-when="Field=Value">, <div data-when="Field!=Value">
function showWhatMatters() {
  for (const part of document.querySelectorAll("[data-when]")) {
    const [, name, not, value] = part.dataset.when.match(/^(.*?)(!?)=(.*)$/);
    const chosen = (part.closest("form")?.elements[name] ?? document.getElementsByName(name)[0])?.value;
    part.hidden = (chosen === value) === (not === "!");
  }
}
document.addEventListener("change", showWhatMatters);
document.addEventListener("DOMContentLoaded", showWhatMatters);

// The tabs of a flow are wider than a phone: the one that is open is shown.
document.addEventListener("DOMContentLoaded", () => {
  const here = document.querySelector(".flow-tabs [aria-current]");
  if (!here) return;
  const [tab, bar] = [here.getBoundingClientRect(), here.parentElement.getBoundingClientRect()];
  here.parentElement.scrollLeft += tab.left - bar.left - (bar.width - tab.width) / 2;
});

// A form whose endpoint answers programs: send it, then show our own page: <form data-then="/thanks">
document.addEventListener("submit", async event => {
  const next = event.target.dataset?.then;
  if (!next) return;
  event.preventDefault();
  const answer = await fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
  if (answer.ok) location.assign(next);
  else event.target.submit();
});

document.addEventListener("click", event => {
  if (event.target.closest?.("[data-print]")) window.print();
});

// The year's board: a mailing is dragged to another month.
document.addEventListener("dragstart", event => {
  const chip = event.target.closest?.(".chip[draggable=true]");
  if (chip) event.dataTransfer.setData("application/x-mailing", JSON.stringify({ id: chip.dataset.id, from: chip.dataset.from }));
});
document.addEventListener("dragover", event => {
  if (event.target.closest?.(".year-month") && event.dataTransfer.types.includes("application/x-mailing")) event.preventDefault();
});
document.addEventListener("drop", event => {
  const month = event.target.closest?.(".year-month");
  const dragged = event.dataTransfer.getData("application/x-mailing");
  if (!month || !dragged) return;
  event.preventDefault();
  const { id, from } = JSON.parse(dragged);
  if (Number(from.slice(5, 7)) === Number(month.dataset.month)) return;
  const form = document.getElementById("move");
  // Left empty for who may not move anything.
  if (!form.elements.id) return;
  [form.elements.id.value, form.elements.from.value, form.elements.month.value] = [id, from, month.dataset.month];
  form.requestSubmit();
});

// The board of deals: a deal is dragged to another stage.
document.addEventListener("dragstart", event => {
  const deal = event.target.closest?.(".deal-card[draggable=true]");
  if (deal) event.dataTransfer.setData("application/x-deal", deal.dataset.id);
});
document.addEventListener("dragover", event => {
  if (event.target.closest?.(".board-stage") && event.dataTransfer.types.includes("application/x-deal")) event.preventDefault();
});
document.addEventListener("drop", event => {
  const stage = event.target.closest?.(".board-stage");
  const id = event.dataTransfer.getData("application/x-deal");
  if (!stage || !id) return;
  event.preventDefault();
  const select = document.getElementById("stage-" + id);
  if (!select || select.value === stage.dataset.stage) return;
  select.value = stage.dataset.stage;
  select.dispatchEvent(new Event("change", { bubbles: true }));
});

// One tick for all of a list: <input type="checkbox" data-tick="form-id">
document.addEventListener("change", event => {
  const form = event.target.dataset?.tick;
  if (!form) return;
  for (const box of document.querySelectorAll(`input[type=checkbox][form="${form}"]`)) box.checked = event.target.checked;
});

// A drawing wider than its window opens where it matters: at the person, else in the middle of its first step.
document.addEventListener("DOMContentLoaded", () => {
  for (const map of document.querySelectorAll(".map")) {
    const step = (map.querySelector(".step.here") ?? map.querySelector(".step"))?.getBoundingClientRect();
    if (!step) continue;
    const room = map.getBoundingClientRect();
    map.scrollLeft += step.left + step.width / 2 - room.left - room.width / 2;
    if (step.bottom > room.bottom) map.scrollTop += step.top - room.top - room.height / 3;
  }
});
