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
