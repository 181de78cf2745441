// The template language as the editor sees it: {{ code }} in a text, and HTML around it with the code cut out, so that
// neither confuses the other.
import { NodeSet, NodeType, Parser, Tree, parseMixed } from "@lezer/common";
import { styleTags, tags } from "@lezer/highlight";
import { Language, LanguageSupport, defineLanguageFacet, languageDataProp } from "@codemirror/language";
import { autoCloseTags, htmlCompletionSource, htmlLanguage } from "@codemirror/lang-html";

const keywords = new Set(["if", "else", "end", "for", "in", "while", "break", "continue", "case", "when", "func", "ret", "capture", "with", "wrap", "import", "include", "include_join", "readonly", "tablerow", "do"]);
const constants = new Set(["true", "false", "null", "empty", "this"]);
const names = ["Document", "Text", "Code", "Delimiter", "Keyword", "Constant", "Name", "Member", "String", "Number", "Operator", "Comment"];
const kind = Object.fromEntries(names.map((name, id) => [name, id]));

const data = defineLanguageFacet({
  commentTokens: { block: { open: "{{##", close: "##}}" } },
  closeBrackets: { brackets: ["(", "[", "{", "\"", "'"] },
});
const nodes = new NodeSet(names.map((name, id) => NodeType.define({ id, name, top: id === 0, props: id === 0 ? [[languageDataProp, data]] : [] }))).extend(
  styleTags({
    Delimiter: tags.processingInstruction,
    Keyword: tags.controlKeyword,
    Constant: tags.atom,
    Name: tags.special(tags.variableName),
    Member: tags.special(tags.propertyName),
    String: tags.special(tags.string),
    Number: tags.number,
    Operator: tags.operator,
    Comment: tags.blockComment,
  }));

const code = /(?<end>[~-]?\}\})|(?<comment>##[^]*?(?:##|$)|#[^\n]*?(?=[~-]?\}\}|\n|$))|(?<string>"(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?|`[^`]*`?)|(?<number>\d+(?:\.\d+)?)|(?<word>[\p{L}_$][\p{L}\p{N}_-]*\??)|(?<operator>[^\s\p{L}\p{N}_$"'`#])|\s+|./uy;

// A mail is small: the whole text is read again after each change, in about a millisecond per 50 kB.
function tokens(text) {
  const buffer = [];
  const add = (type, from, to, size = 4) => { if (to > from) buffer.push(kind[type], from, to, size); };
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("{{", at);
    add("Text", at, open < 0 ? text.length : open);
    if (open < 0) break;
    at = readCode(text, open, add, buffer);
  }
  return buffer;
}

function readCode(text, open, add, buffer) {
  const before = buffer.length;
  let at = open + 2 + (/[~-]/.test(text[open + 2] ?? "") ? 1 : 0);
  let afterDot = false;
  add("Delimiter", open, at);
  while (at < text.length) {
    code.lastIndex = at;
    const found = code.exec(text);
    if (!found) break;
    const { end, comment, string, number, word, operator } = found.groups;
    const to = at + found[0].length;
    if (end) {
      add("Delimiter", at, to);
      at = to;
      break;
    }
    if (comment) add("Comment", at, to);
    else if (string) add("String", at, to);
    else if (number) add("Number", at, to);
    else if (word) add(afterDot ? "Member" : keywords.has(word) ? "Keyword" : constants.has(word) ? "Constant" : "Name", at, to);
    else if (operator) add("Operator", at, to);
    afterDot = operator === ".";
    at = to;
  }
  buffer.push(kind.Code, open, at, buffer.length - before + 4);
  return at;
}

class TemplateParser extends Parser {
  constructor(nest) {
    super();
    this.nest = nest;
  }

  createParse(input, fragments, ranges) {
    const parse = {
      parsedPos: 0,
      stoppedAt: null,
      stopAt(position) { this.stoppedAt = position; },
      advance() {
        const length = this.stoppedAt ?? input.length;
        this.parsedPos = length;
        return Tree.build({ buffer: tokens(input.read(0, length)), nodeSet: nodes, topID: kind.Document, length });
      },
    };
    return this.nest ? this.nest(parse, input, fragments, ranges) : parse;
  }
}

const inHtml = parseMixed(node => node.type.isTop ? { parser: htmlLanguage.parser, overlay: inner => inner.type.id === kind.Text } : null);
const plain = new Language(data, new TemplateParser(null), [], "template");
const mixed = new Language(data, new TemplateParser(inHtml), [], "template-html");

/** A text part or subject: code in plain text. */
export const templateText = completions => new LanguageSupport(plain, plain.data.of({ autocomplete: completions }));

/** An HTML part: code in HTML. */
export const templateHtml = completions => new LanguageSupport(
  mixed, [mixed.data.of({ autocomplete: completions }), htmlLanguage.data.of({ autocomplete: htmlCompletionSource }), autoCloseTags]);

/**
 * Offers what a template can say.
 * @param {{roots: Object<string, string[]>, functions: Object<string, string[]>, partials: string[]}} known
 */
export function templateCompletions(known) {
  const option = (label, type) => ({ label, type });
  const first = [
    ...Object.keys(known.roots).map(name => option(name, "variable")),
    ...Object.keys(known.functions).map(name => option(name, "namespace")),
    ...[...keywords].map(name => option(name, "keyword")),
  ];
  return context => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const include = /include(?:_join)?\s*\(?\s*["']([^"']*)$/.exec(before);
    if (include) return { from: context.pos - include[1].length, options: known.partials.map(name => option(name, "text")), validFor: /^[\w./-]*$/ };
    const member = /([\p{L}_][\p{L}\p{N}_]*)\.([\p{L}\p{N}_]*)$/u.exec(before);
    if (member) {
      const members = known.roots[member[1]] ?? known.functions[member[1]];
      return members ? { from: context.pos - member[2].length, options: members.map(name => option(name, known.roots[member[1]] ? "property" : "function")), validFor: /^\w*$/ } : null;
    }
    const word = /[\p{L}_][\p{L}\p{N}_]*$/u.exec(before);
    if (!word && !context.explicit) return null;
    return { from: context.pos - (word?.[0].length ?? 0), options: first, validFor: /^\w*$/ };
  };
}
