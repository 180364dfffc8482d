import { type Node, parseSource, walkTree } from './source-files.ts';

type Span = { start: number; end: number };

const TEST_FUNCTION = /^(describe|it|test)$/;
const COMMENT = /\/\*.*?\*\/|\/\/[^\n]*/gs;
const COMMENT_MARKER = /^[^\S\n]*(\/\*\*?|\*|\/\/)/gm;
const CODE_SPAN = /`[^`\n]*`/g;
/** A code span in a template literal. */
const ESCAPED_CODE_SPAN = /\\`[^`\n]*\\`/g;
const CODE_BLOCK = /^(```|~~~).*?^\1/gms;
const LINK_TARGET = /\]\([^)\s]*\)/g;
/** Two words in a row. Shorter text is not checked, because a single word may be a stored value. */
const WORDS = /\p{L}[\p{L}’']*[,;:]?\s+\p{L}/u;
/** SQL, and lists of utility classes. */
const NOT_PROSE =
  /^\s*(select|insert|update|delete|with|alter|create|grant)\s|\b[a-z]+-[a-z0-9]+\s+[a-z]+-[a-z0-9]+\b/;
/** Labels of derived keys: another text would derive another key. */
const KEY_LABELS = new Set(['objection link']);
/** JSX attributes with code in them. */
const CODE_ATTRIBUTE = /^(class(Name)?|style|d|id|href|rel|type|name|autoComplete)$/;

/** Replaces text with spaces, so that offsets and lines stay the same. */
const blank = (text: string) => text.replaceAll(/[^\n]/g, ' ');

/** Copies the spans of one text to another of the same length. */
function copySpans(from: string, to: string, spans: Span[]): string {
  const characters = to.split('');
  for (const { start, end } of spans)
    for (let index = start; index < end; index += 1) characters[index] = from.charAt(index);
  return characters.join('');
}

/** Returns whether a callee is `it`, `test` or `describe`, also as in `test.describe` and `it.each(…)`. */
function isTestFunction(callee: Node): boolean {
  if (callee.type === 'CallExpression') return isTestFunction(callee.callee);
  if (callee.type === 'MemberExpression') return isTestFunction(callee.object);
  return TEST_FUNCTION.test(callee.name);
}

/** Blanks everything in a source file but comments and test titles. */
export function keepComments(name: string, text: string): string {
  const literals: Span[] = [];
  const titles: Span[] = [];
  walkTree(parseSource(name, text).tree, (node) => {
    if (/^(Literal|TemplateElement|JSXText)$/.test(node.type)) literals.push(node);
    const [title] = node.type === 'CallExpression' && isTestFunction(node.callee) ? node.arguments : [];
    if (/^(Literal|TemplateLiteral)$/.test(title?.type)) titles.push(title);
  });
  // Literals may contain comment markers, so blank them before searching for comments.
  const code = copySpans(blank(text), text, literals);
  const comments = [...code.matchAll(COMMENT)].map(({ index, 0: comment }) => ({
    start: index,
    end: index + comment.length,
  }));
  const prose = copySpans(text, blank(text), comments).replaceAll(CODE_SPAN, blank);
  return copySpans(text, prose.replaceAll(COMMENT_MARKER, blank), titles);
}

/** Returns whether a node is code although it contains text: a tagged template, an import, an attribute such as a class. */
function isCode(node: Node): boolean {
  if (/^(TaggedTemplateExpression|ImportDeclaration|TSLiteralType)$/.test(node.type)) return true;
  return node.type === 'JSXAttribute' && CODE_ATTRIBUTE.test(node.name.name);
}

const looksLikeProse = (text: string) => WORDS.test(text) && !NOT_PROSE.test(text);

/** Blanks everything in a source file but the string literals and JSX text that look like prose. */
export function keepUserText(name: string, text: string): string {
  const characters = blank(text).split('');
  const code: Span[] = [];
  walkTree(parseSource(name, text).tree, (node) => {
    if (isCode(node) || KEY_LABELS.has(node.value)) code.push(node);
    if (!/^(Literal|TemplateElement|JSXText)$/.test(node.type)) return;
    const literal = text.slice(node.start, node.end);
    if (!looksLikeProse(literal)) return;
    const codeSpan = node.type === 'TemplateElement' ? ESCAPED_CODE_SPAN : CODE_SPAN;
    characters.splice(node.start, literal.length, ...literal.replaceAll(codeSpan, blank).split(''));
  });
  return copySpans(blank(text), characters.join(''), code);
}

/** Blanks code, link targets and diagrams in a Markdown page. */
export const keepMarkdownProse = (text: string) =>
  [CODE_BLOCK, CODE_SPAN, LINK_TARGET].reduce((kept, pattern) => kept.replaceAll(pattern, blank), text);
