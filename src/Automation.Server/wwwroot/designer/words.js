// The designer speaks English only. Its own words are replaced where they stand, from one dictionary (words.ja.json);
// what is not in it stays as it is. Texts are changed in place: the designer never notices.
(() => {
  const attributes = ["placeholder", "title", "aria-label"];
  // Code and what people type are theirs.
  const theirs = ".monaco-editor, [contenteditable=true], textarea, script, style";

  let exact = {};
  let patterns = [];

  function translated(text) {
    const words = text.trim();
    if (words === "") return null;
    let found = Object.hasOwn(exact, words) ? exact[words] : null;
    for (let i = 0; found === null && i < patterns.length; i++) {
      if (patterns[i][0].test(words)) found = words.replace(patterns[i][0], patterns[i][1]);
    }
    return found === null || found === words ? null : text.replace(words, () => found);
  }

  function onText(node) {
    if (node.parentElement?.closest(theirs)) return;
    const found = translated(node.data);
    if (found !== null) node.data = found;
  }

  function onAttributes(element) {
    for (const name of attributes) {
      const text = element.getAttribute(name);
      const found = text === null ? null : translated(text);
      if (found !== null) element.setAttribute(name, found);
    }
  }

  function onTree(node) {
    if (node.nodeType === Node.TEXT_NODE) return onText(node);
    if (node.nodeType !== Node.ELEMENT_NODE || node.closest(theirs)) {
      if (node.nodeType === Node.ELEMENT_NODE) onAttributes(node);
      return;
    }
    onAttributes(node);
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (walker.nextNode()) {
      const next = walker.currentNode;
      if (next.nodeType === Node.TEXT_NODE) onText(next);
      else onAttributes(next);
    }
  }

  function onChanges(changes) {
    for (const change of changes) {
      if (change.type === "characterData") onText(change.target);
      else if (change.type === "attributes") onAttributes(change.target);
      else change.addedNodes.forEach(onTree);
    }
  }

  window.studioWords = {
    async start(address) {
      const answer = await fetch(address);
      if (!answer.ok) return;
      const dictionary = await answer.json();
      exact = dictionary.words;
      patterns = dictionary.patterns.map(([pattern, replacement]) => [new RegExp(pattern), replacement]);
      const frame = document.querySelector("header.frame");
      new MutationObserver(changes => onChanges(changes.filter(change => !frame.contains(change.target))))
        .observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: attributes });
    },
  };
})();
