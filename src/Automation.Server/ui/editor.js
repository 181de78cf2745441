// The desk at which a template is written. The server checks, renders, saves and publishes; this page only asks it.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, defaultHighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, linter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { templateCompletions, templateHtml, templateText } from "./template-language.js";

const pause = { lint: 400, preview: 700, save: 2000, retry: 10000 };
const find = id => document.getElementById(id);
const all = selector => [...document.querySelectorAll(selector)];
const desk = find("desk");
const opened = JSON.parse(desk.dataset.document);
const words = JSON.parse(desk.dataset.words);
const token = document.querySelector("#token input").value;
const parts = opened.isPartial ? ["partial"] : ["subject", "html", "text"];

// ---- what is being written ----

const states = new Map();           // "ja/html" → EditorState; the shown one lives in the view
let shown = { language: opened.isPartial ? "" : opened.content.parts.ja ? "ja" : "en", part: opened.isPartial ? "partial" : "html" };
let languages = opened.isPartial ? [""] : Object.keys(opened.content.parts);
let stamp = opened.stamp;
let changes = 0;                    // counts every change, so that an answer to an older text is known as such
let savedChanges = 0;
let overtaken = null;
let findings = [];

const key = (language, part) => `${language}/${part}`;
const isShown = (language, part) => shown.language === language && shown.part === part;
const stateOf = (language, part) => isShown(language, part) ? view.state : states.get(key(language, part));
const textOf = (language, part) => stateOf(language, part).doc.toString();

function written() {
  if (opened.isPartial) return { partial: textOf("", "partial") };
  return {
    class: find("class").value,
    approach: find("class").value === "Transactional" ? "None" : find("approach").value,
    topics: find("topics").value.split(/[,、，]/).map(topic => topic.trim()).filter(topic => topic),
    defaults: find("defaults").value,
    parts: Object.fromEntries(languages.map(language => [language, Object.fromEntries(parts.map(part => [part, textOf(language, part)]))])),
  };
}

async function post(handler, body, signal) {
  const answer = await fetch(`${location.pathname}?handler=${handler}`, {
    method: "POST", signal, headers: { "Content-Type": "application/json", RequestVerificationToken: token }, body: JSON.stringify(body),
  });
  if (answer.redirected) throw new Error(words.signedOut);
  const said = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : null;
  if (!answer.ok && !said?.overtaken) throw new Error(said?.problem ?? words.unreachable);
  return said;
}

// A newer question makes the older one's answer useless.
function latest(work) {
  let running = null;
  return async () => {
    running?.abort();
    const mine = running = new AbortController();
    try {
      await work(mine.signal);
    } catch (problem) {
      if (!mine.signal.aborted) throw problem;
    }
  };
}

function after(wait, work) {
  let timer = 0;
  const later = () => { clearTimeout(timer); timer = setTimeout(work, wait); };
  later.cancel = () => clearTimeout(timer);
  return later;
}

// ---- the editor ----

const highlight = HighlightStyle.define([
  { tag: tags.processingInstruction, color: "#b5432a", fontWeight: "600" },
  { tag: tags.controlKeyword, color: "#8a2f8f", fontWeight: "600" },
  { tag: tags.special(tags.variableName), color: "#0b5c7e" },
  { tag: tags.special(tags.propertyName), color: "#0b5c7e" },
  { tag: tags.special(tags.string), color: "#8a5a00" },
  { tag: tags.blockComment, color: "#5d6f7a", fontStyle: "italic" },
  { tag: tags.typeName, color: "#00663f" },
  { tag: tags.invalid, color: "#b00020" },
]);
const look = EditorView.theme({
  "&": { fontSize: ".86rem", backgroundColor: "#fff" },
  "&.cm-focused": { outline: "2px solid #2fa3c7", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "ui-monospace, 'Noto Sans Mono CJK JP', monospace", lineHeight: "1.6", maxHeight: "min(64vh, 40rem)", minHeight: "16rem", overflow: "auto" },
  ".cm-gutters": { backgroundColor: "#f7fafb", color: "#566b77", borderRight: "1px solid #e2ebf0" },
  ".cm-activeLine": { backgroundColor: "#eef6fa80" },
  ".cm-activeLineGutter": { backgroundColor: "#e2eff5" },
  ".cm-tooltip": { maxWidth: "min(32rem, 90vw)" },
});
const known = templateCompletions(opened.known);

// Left to itself the browser keeps the look of a selection that is typed over in inline styles, which our policy forbids.
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to } = view.state.selection.main;
    if (event.inputType !== "insertText" || !event.data || from === to || view.composing) return false;
    const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    if (!view.state.facet(EditorView.inputHandler).some(handle => handle(view, from, to, event.data, insert))) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});

function newState(language, part, text) {
  return EditorState.create({
    doc: text,
    extensions: [
      lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(), indentOnInput(), bracketMatching(),
      closeBrackets(), autocompletion(), highlightActiveLine(), highlightSelectionMatches(), EditorView.lineWrapping,
      syntaxHighlighting(highlight), syntaxHighlighting(defaultHighlightStyle),
      linter(null), lintGutter(), look, typeOver, EditorView.cspNonce.of(desk.dataset.nonce), EditorState.phrases.of(words.phrases),
      EditorView.contentAttributes.of({ tabindex: "0", "aria-label": placeName({ part, language }), ...(language ? { lang: language } : {}) }),
      part === "html" || (part === "partial" && !opened.id.includes(".text")) ? templateHtml(known) : templateText(known),
      // Tab stays the way out, for those who use no mouse.
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
      EditorView.updateListener.of(update => { if (update.docChanged) changed(); }),
    ],
  });
}

for (const language of languages) {
  for (const part of parts) states.set(key(language, part), newState(language, part, opened.isPartial ? opened.content.partial : opened.content.parts[language][part]));
}
const view = new EditorView({ state: states.get(key(shown.language, shown.part)), parent: find("text") });

function show(language, part) {
  if (shown.part !== "settings" && languages.includes(shown.language)) states.set(key(shown.language, shown.part), view.state);
  shown = { language, part };
  const missing = part !== "settings" && !languages.includes(language);
  find("text").hidden = missing || part === "settings";
  if (!opened.isPartial) {
    find("missing").hidden = !missing;
    find("settings").hidden = part !== "settings";
    find("missing-says").textContent = language === "ja" ? words.japaneseMissing : words.englishMissing;
    find("generate").hidden = part !== "text" || missing;
    find("remove-language").hidden = missing || part === "settings" || languages.length < 2;
    for (const button of all("[data-part]")) button.setAttribute("aria-pressed", button.dataset.part === part);
    for (const button of all("button[data-language]")) {
      button.setAttribute("aria-pressed", button.dataset.language === language);
      button.classList.toggle("is-missing", !languages.includes(button.dataset.language));
    }
  }
  if (!missing && part !== "settings") {
    view.setState(states.get(key(language, part)));
    find("text").classList.toggle("one-line", part === "subject");
    underline();
  }
}

function changed() {
  changes++;
  desk.dataset.touched = "true";
  tell("unsaved", words.unsaved);
  find("open-publish").disabled = false;
  lintSoon();
  previewSoon();
  if (!overtaken) saveSoon();
}

// ---- findings ----

const lint = latest(async signal => {
  const asked = changes;
  const said = await post("Lint", written(), signal);
  if (asked === changes) showFindings(said.findings);
});
const lintSoon = after(pause.lint, () => lint().catch(problem => tell("failed", problem.message)));

function showFindings(fresh) {
  findings = fresh;
  const errors = findings.filter(finding => finding.severity === "Error").length;
  find("errors").textContent = errors;
  find("warnings").textContent = findings.length - errors;
  find("errors").hidden = errors === 0;
  find("warnings").hidden = findings.length === errors;
  find("no-findings").hidden = findings.length > 0;
  find("findings").replaceChildren(...findings.map(findingLine));
  for (const mark of all("[data-marks]")) {
    const [part, language] = mark.dataset.marks.split("/");
    const here = findings.filter(finding => finding.severity === "Error" && (part ? finding.part === part && (!finding.language || finding.language === shown.language) : finding.language === language));
    mark.hidden = here.length === 0;
  }
  underline();
}

function findingLine(finding) {
  const line = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = `finding ${finding.severity === "Error" ? "is-error" : "is-warning"}`;
  const icon = document.createElement("i");
  icon.className = `ti ${finding.severity === "Error" ? "ti-circle-x" : "ti-alert-triangle"}`;
  icon.title = finding.severity === "Error" ? words.error : words.warning;
  const place = document.createElement("span");
  place.className = "place";
  place.textContent = placeName(finding) + (finding.line > 0 ? ` · ${words.line.replace("{0}", finding.line)}` : "");
  const says = document.createElement("span");
  says.textContent = finding.message;
  button.append(icon, place, says);
  button.addEventListener("click", () => goTo(finding));
  line.append(button);
  return line;
}

function placeName({ part, language }) {
  const name = words.parts[part] ?? part.replace(/^(partials|templates)\//, "");
  return language ? `${name} · ${words.languages[language]}` : name;
}

// A partial's own findings name it; anything else that is no part of this template is elsewhere.
const partHere = finding => opened.isPartial && finding.part === `partials/${opened.name}` ? "partial" : finding.part;

function goTo(finding) {
  const part = partHere(finding);
  if (part === "settings") {
    show(shown.language, "settings");
    find("class").focus();
    return;
  }
  if (!parts.includes(part)) return;
  const language = opened.isPartial ? "" : finding.language || shown.language;
  if (!isShown(language, part)) show(language, part);
  if (!languages.includes(language)) return;
  const at = position(finding.line, finding.column);
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
  view.focus();
}

function position(line, column) {
  const document = view.state.doc;
  if (line < 1) return 0;
  const row = document.line(Math.min(line, document.lines));
  return Math.min(row.from + Math.max(0, column - 1), row.to);
}

function underline() {
  if (shown.part === "settings" || !languages.includes(shown.language)) return;
  const here = findings.filter(finding => finding.line > 0 && partHere(finding) === shown.part && (opened.isPartial || finding.language === shown.language));
  const marks = here.map(finding => {
    const from = position(finding.line, finding.column);
    const to = Math.max(from, position(finding.endLine || finding.line, finding.endColumn || finding.column + 1));
    return { from, to: to === from ? Math.min(from + 1, view.state.doc.length) : to, severity: finding.severity.toLowerCase(), message: finding.message };
  });
  view.dispatch(setDiagnostics(view.state, marks));
}

// ---- saving ----

function tell(kind, text) {
  const state = find("state");
  state.dataset.kind = kind;
  state.textContent = text;
}

let saving = Promise.resolve();
const saveSoon = after(pause.save, () => save());
const saveAgain = after(pause.retry, () => save());

function save() {
  saveSoon.cancel();
  saveAgain.cancel();
  saving = saving.then(saveNow);
  return saving;
}

async function saveNow() {
  if (overtaken || (changes === savedChanges && stamp)) return;
  const these = changes;
  tell("saving", words.saving);
  try {
    const said = await post("Save", { content: written(), stamp, basedOn: opened.basedOn });
    if (said.overtaken) {
      overtaken = said;
      find("overtaken-says").textContent = said.overtaken;
      find("overtaken").hidden = false;
      tell("failed", words.notSaved);
      return;
    }
    stamp = said.stamp;
    savedChanges = these;
    find("discard").hidden = false;
    find("discard-stamp").value = stamp;
    if (changes === these) tell("saved", said.says);
    else tell("unsaved", words.unsaved);
  } catch (problem) {
    tell("failed", `${words.notSaved} ${problem.message}`);
    saveAgain();
  }
}

find("overwrite").addEventListener("click", () => {
  stamp = overtaken.stamp;
  opened.basedOn = overtaken.basedOn;
  overtaken = null;
  savedChanges = -1;
  find("overtaken").hidden = true;
  save();
});
find("save").addEventListener("click", save);
document.addEventListener("keydown", event => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});
let leaving = false;
window.addEventListener("beforeunload", event => { if (!leaving && changes !== savedChanges) event.preventDefault(); });
document.addEventListener("submit", event => { if (event.target.id === "discard") leaving = !event.defaultPrevented; });

// ---- publishing ----

const dialog = find("publish");
find("open-publish").addEventListener("click", async () => {
  if (changes !== savedChanges) await save();
  if (changes !== savedChanges || !stamp) return;
  await lint().catch(() => { });
  showFaults(findings.filter(finding => finding.severity === "Error"));
  find("publish-problem").hidden = true;
  if (!opened.isPartial) {
    find("becomes-transactional").hidden = find("class").value !== "Transactional" || opened.publishedClass === "Transactional";
    find("as-transactional").checked = false;
  }
  dialog.showModal();
});

function showFaults(errors) {
  find("faults").hidden = errors.length === 0;
  find("publishable").hidden = errors.length > 0;
  find("publish-now").hidden = errors.length > 0;
  find("fault-list").replaceChildren(...errors.map(findingLine));
}

find("fault-list").addEventListener("click", () => dialog.close());
find("publish-close").addEventListener("click", () => dialog.close());
find("publish-now").addEventListener("click", async event => {
  event.preventDefault();
  find("publish-now").disabled = true;
  try {
    const said = await post("Publish", { stamp, note: find("note").value, asTransactional: find("as-transactional")?.checked ?? false });
    if (said.findings) {
      showFaults(said.findings);
      return;
    }
    leaving = true;
    location.reload();
  } catch (problem) {
    find("publish-problem").textContent = problem.message;
    find("publish-problem").hidden = false;
  } finally {
    find("publish-now").disabled = false;
  }
});

// ---- preview ----

function wished() {
  const [kind, who] = find("who").value.split(":");
  return {
    content: written(),
    language: opened.isPartial ? find("preview-language").value : shown.language,
    contactId: kind === "contact" ? who : null,
    sample: kind === "contact" ? null : who,
    within: find("within")?.value ?? null,
    dark: find("dark").getAttribute("aria-pressed") === "true",
    images: find("images").checked,
  };
}

const preview = latest(async signal => {
  if (opened.isPartial && !find("within").value) return;
  const body = wished();
  let said;
  try {
    said = await post("Render", body, signal);
  } catch (problem) {
    if (!signal.aborted) showPreviewErrors([{ part: "", language: "", line: 0, message: problem.message }]);
    throw problem;
  }
  find("preview-subject").textContent = said.subject ?? "";
  find("preview-text").textContent = said.text ?? "";
  find("preview-fallback").hidden = said.language === body.language;
  find("preview-fallback").textContent = body.language === "ja" ? words.japaneseMissing : words.englishMissing;
  showPreviewErrors(said.errors);
  if (said.hasHtml) showFrame(body);
});
const previewSoon = after(pause.preview, () => preview().catch(() => { }));

function showPreviewErrors(errors) {
  find("preview-errors").hidden = errors.length === 0;
  find("preview-errors-list").replaceChildren(...errors.map(error => findingLine({ severity: "Error", column: 1, endLine: 0, endColumn: 0, ...error })));
  desk.dataset.rendered = errors.length === 0;
}

// A fresh frame each time leaves no trail in the browser's history; the old one stays until the new one is drawn.
let frames = 0;
function showFrame(body) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "");
  frame.name = `preview-${++frames}`;
  frame.title = words.previewTitle;
  frame.className = "drawing";
  const mine = frames;
  frame.addEventListener("load", () => {
    if (mine !== frames) return;
    for (const old of all("#frames iframe")) if (old !== frame) old.remove();
    frame.className = "";
    find("frames").dataset.drawn = mine;
  });
  find("frames").append(frame);
  const form = find("frame-form");
  form.target = frame.name;
  form.elements.wish.value = JSON.stringify(body);
  form.submit();
}

// Custom properties are set by the script's own hand, which the policy allows where style attributes are not.
function fit() {
  const wide = find("frames").classList.contains("phone") ? 390 : 680;
  find("frames").style.setProperty("--scale", Math.min(1, find("frames").clientWidth / wide));
}
new ResizeObserver(fit).observe(find("frames"));

const findPeople = latest(async signal => {
  const answer = await fetch(`${location.pathname}?handler=People&search=${encodeURIComponent(find("search").value)}`, { signal });
  if (!answer.ok || answer.redirected) return;
  const { people } = await answer.json();
  find("found").replaceChildren(...people.map(person => new Option(person.name, `contact:${person.id}`)));
  find("nobody").hidden = people.length > 0 || find("search").value.trim() === "";
  if (people.length > 0 && find("search").value.trim() !== "") {
    find("who").value = `contact:${people[0].id}`;
    previewSoon();
  }
});
find("search").addEventListener("input", after(300, () => findPeople()));
find("search").addEventListener("keydown", event => { if (event.key === "Enter") event.preventDefault(); });
for (const id of ["who", "within", "images", "preview-language"]) find(id)?.addEventListener("change", () => previewSoon());
for (const button of all("[data-wide]")) {
  button.addEventListener("click", () => {
    for (const other of all("[data-wide]")) other.setAttribute("aria-pressed", other === button);
    find("frames").classList.toggle("phone", button.dataset.wide === "phone");
    fit();
  });
}
for (const button of all("[data-shade]")) {
  button.addEventListener("click", () => {
    for (const other of all("[data-shade]")) other.setAttribute("aria-pressed", other === button);
    preview().catch(() => { });
  });
}
for (const button of all("[data-face]")) {
  button.addEventListener("click", () => {
    for (const other of all("[data-face]")) other.setAttribute("aria-pressed", other === button);
    find("frames").hidden = button.dataset.face !== "html";
    find("preview-text").hidden = button.dataset.face !== "text";
  });
}

find("send-test").addEventListener("submit", async event => {
  event.preventDefault();
  const says = find("test-says");
  const button = event.submitter ?? event.target.querySelector("button");
  button.disabled = true;
  says.textContent = "";
  try {
    says.textContent = (await post("Test", { ...wished(), address: find("address").value })).says;
    says.className = "small-text text-green";
  } catch (problem) {
    says.textContent = problem.message;
    says.className = "small-text text-red";
  } finally {
    button.disabled = false;
  }
});

// ---- languages, settings, text part ----

if (!opened.isPartial) {
  for (const button of all("[data-part]")) button.addEventListener("click", () => show(shown.language, button.dataset.part));
  for (const button of all("button[data-language]")) {
    button.addEventListener("click", () => {
      show(button.dataset.language, shown.part === "settings" ? "html" : shown.part);
      showFindings(findings);
      preview().catch(() => { });
    });
  }
  const addLanguage = copy => {
    const language = shown.language;
    const other = language === "ja" ? "en" : "ja";
    for (const part of parts) states.set(key(language, part), newState(language, part, copy ? states.get(key(other, part)).doc.toString() : ""));
    languages.push(language);
    const part = shown.part;
    shown = { language, part: "settings" };
    show(language, part);
    changed();
  };
  find("add-copy").addEventListener("click", () => addLanguage(true));
  find("add-empty").addEventListener("click", () => addLanguage(false));
  find("remove-language").addEventListener("click", () => {
    const language = shown.language;
    if (!confirm(language === "ja" ? words.removeJapanese : words.removeEnglish)) return;
    const part = shown.part;
    languages = languages.filter(other => other !== language);
    shown = { language, part: "settings" };
    for (const each of parts) states.delete(key(language, each));
    show(language, part);
    changed();
  });
  find("generate").addEventListener("click", async () => {
    const language = shown.language;
    if (view.state.doc.length > 0 && !confirm(words.replaceText)) return;
    try {
      const { text } = await post("Text", { html: textOf(language, "html") });
      if (isShown(language, "text")) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    } catch (problem) {
      tell("failed", problem.message);
    }
  });
  const settings = () => { find("approach-row").hidden = find("class").value === "Transactional"; };
  find("settings").addEventListener("input", () => { settings(); changed(); });
  settings();
}

show(shown.language, shown.part);
findPeople();
lint().catch(problem => tell("failed", problem.message));
preview().catch(() => { });
desk.dataset.ready = "true";
