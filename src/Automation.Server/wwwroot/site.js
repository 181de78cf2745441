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

// Fields that matter for one choice only: <div data-when="Field=Value">
function showWhatMatters() {
  for (const part of document.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    part.hidden = document.getElementsByName(name)[0]?.value !== value;
  }
}
document.addEventListener("change", showWhatMatters);
document.addEventListener("DOMContentLoaded", showWhatMatters);

// A form whose endpoint answers programs: send it, then show our own page: <form data-then="/thanks">
document.addEventListener("submit", async event => {
  const next = event.target.dataset?.then;
  if (!next) return;
  event.preventDefault();
  const answer = await fetch(event.target.action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
  if (answer.ok) location.assign(next);
  else event.target.submit();
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
