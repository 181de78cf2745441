// Starts the flow designer in our page and stands between it and the server where it needs help:
// a visit that has ended, a flow that cannot be published, the person of a test run, and moving between its pages.
(() => {
  const api = new URL("../elsa/api", document.baseURI).href;
  const send = window.fetch;

  // ---- a visit that has ended: sign in here, then whatever was asked is asked again ----

  let signingIn = null;

  function signIn() {
    signingIn ??= new Promise(done => {
      const dialog = document.getElementById("signed-out");
      const frame = dialog.querySelector("iframe");
      frame.onload = () => {
        if (!frame.contentWindow.location.pathname.endsWith("/elsa/api/package/version")) return;
        frame.onload = null;
        frame.removeAttribute("src");
        dialog.close();
        signingIn = null;
        done();
      };
      dialog.oncancel = event => event.preventDefault();
      frame.src = frame.dataset.src;
      dialog.showModal();
    });
    return signingIn;
  }

  async function sendSignedIn(address, options) {
    for (;;) {
      const answer = await send(address, options);
      if (answer.status !== 401) return answer;
      await signIn();
    }
  }

  // ---- what stands in the way of publishing: each finding with a link to its step on the flow's own page ----

  const flowPage = (id, step) => new URL(`../flows/${encodeURIComponent(id)}/design#${step === "flow" ? "findings" : `step-${encodeURIComponent(step)}`}`, document.baseURI).href;

  function tell(findings) {
    const dialog = document.getElementById("refused");
    dialog.querySelector("ul").replaceChildren(...findings.map(({ message, href }) => {
      const item = document.createElement("li");
      if (href) item.append(Object.assign(document.createElement("a"), { textContent: message, href }));
      else item.textContent = message;
      return item;
    }));
    dialog.querySelector("p").hidden = !findings.some(finding => finding.href);
    return new Promise(done => {
      dialog.onclose = done;
      if (!dialog.open) dialog.showModal();
    });
  }

  async function findingsOf(answer, definitionId) {
    const problem = await answer.clone().json().catch(() => null);
    return Object.entries(problem?.errors ?? {}).flatMap(([step, messages]) => messages.map(message => ({ message, href: definitionId && flowPage(definitionId, step) })));
  }

  // The designer's list throws away its own page over a refusal: it never hears of it, and begins again from what is stored.
  async function tellFromList(findings, answer) {
    if (findings.length === 0) return answer;
    await tell(findings);
    location.reload();
    return new Promise(() => {});
  }

  async function publishFromList(answer, definitionId) {
    return answer.status === 400 ? tellFromList(await findingsOf(answer, definitionId), answer) : answer;
  }

  async function publishManyFromList(answer) {
    if (!answer.ok) return answer;
    const result = await answer.clone().json().catch(() => null);
    return tellFromList((result?.refused ?? []).flatMap(one => one.messages.map(message => ({ message: `${one.name}: ${message}` }))), answer);
  }

  // The editor shows what is refused for a few seconds and stays usable: our list stays until it is closed, and the editor says one line.
  async function publishFromEditor(answer, options) {
    if (answer.status !== 400) return answer;
    const wish = bodyOf(options);
    if (wish.publish !== true) return answer;
    const findings = await findingsOf(answer, wish.model?.definitionId);
    if (findings.length === 0) return answer;
    tell(findings);
    const errors = { flow: [document.getElementById("refused-title").textContent] };
    return new Response(JSON.stringify({ status: 400, errors }), { status: 400, headers: { "Content-Type": "application/problem+json" } });
  }

  // ---- Run is a test run with one person ----

  function choosePerson() {
    const dialog = document.getElementById("test-run");
    const field = document.getElementById("test-person");
    const list = document.getElementById("test-people");
    const start = dialog.querySelector("button.main");
    let asked = 0;

    async function search() {
      const number = ++asked;
      const answer = await sendSignedIn(`${api}/test-runs/people?search=${encodeURIComponent(field.value)}`);
      if (!answer.ok || number !== asked) return;
      const { items } = await answer.json();
      list.replaceChildren(...items.map(option));
      if (items.length === 0) list.textContent = list.dataset.nobody;
      const last = sessionStorage.getItem("test-person");
      const preset = [...list.querySelectorAll("input")].find(input => input.value === last) ?? list.querySelector("input");
      if (preset) preset.checked = true;
      start.disabled = !preset;
    }

    function option(person) {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { type: "radio", name: "person", value: person.id });
      const name = Object.assign(document.createElement("span"), { textContent: person.name });
      const address = Object.assign(document.createElement("small"), { textContent: person.email });
      label.append(input, name, address);
      return label;
    }

    field.oninput = search;
    return new Promise(done => {
      dialog.returnValue = "";
      dialog.onclose = () => {
        const chosen = list.querySelector("input:checked")?.value;
        if (dialog.returnValue !== "run" || !chosen) return done(null);
        sessionStorage.setItem("test-person", chosen);
        done(chosen);
      };
      search();
      dialog.showModal();
    });
  }

  async function testRun(address, options) {
    const person = await choosePerson();
    // The designer passes over a 400 in silence: nothing was started.
    if (person === null) return new Response("{}", { status: 400, headers: { "Content-Type": "application/json" } });
    return sendSignedIn(address, { ...options, body: JSON.stringify({ ...bodyOf(options), correlationId: person }) });
  }

  function bodyOf(options) {
    const text = typeof options.body === "string" ? options.body : new TextDecoder().decode(options.body);
    return JSON.parse(text || "{}");
  }

  window.fetch = async (input, options) => {
    const address = typeof input === "string" ? input : input.url ?? String(input);
    if (!address.startsWith(api)) return send(input, options);
    const path = address.slice(api.length).split("?")[0];
    if (options?.method !== "POST") return sendSignedIn(input, options);
    const [, definitionId, verb] = /^\/workflow-definitions\/([^/]+)\/(execute|publish)$/.exec(path) ?? [];
    if (verb === "execute") return testRun(input, options);
    const answer = await sendSignedIn(input, options);
    if (verb === "publish") return publishFromList(answer, decodeURIComponent(definitionId));
    if (path.startsWith("/bulk-actions/publish/")) return publishManyFromList(answer);
    if (path === "/workflow-definitions") return publishFromEditor(answer, options);
    return answer;
  };

  // ---- moving on: the designer only writes the address, we load the page ----

  const write = history.pushState;
  history.pushState = function (...change) {
    write.apply(this, change);
    if (/\/workflows\/(definitions|instances)\/./.test(location.pathname)) location.reload();
  };

  const go = path => location.assign(new URL(path, document.baseURI));
  const edit = id => go(`workflows/definitions/${encodeURIComponent(id)}/edit`);
  const view = id => go(`workflows/instances/${encodeURIComponent(id)}/view`);

  async function start() {
    const japanese = document.documentElement.lang === "ja";
    const culture = japanese ? "ja-JP" : "en-US";
    localStorage.setItem("BlazorCulture", culture);
    const element = document.querySelector("main.studio > :not(h1)");
    element.setAttribute("remote-endpoint", api);
    const words = document.getElementById("studio-words");
    if (words) await window.studioWords.start(words.href);
    await window.Blazor.start({ applicationCulture: culture });
    // Set on an element that is not defined yet, they would hide the properties that listen.
    await customElements.whenDefined(element.localName);
    element.editWorkflowDefinition = edit;
    if (element.localName === "elsa-workflow-instance-list") element.viewWorkflowInstance = view;
  }

  start();
})();
