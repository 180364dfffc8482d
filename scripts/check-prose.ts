import { globSync, readFileSync } from 'node:fs';
import { type Node, parseSource, walk } from './source-files.ts';

/** Files and folders that follow docs/glossary.md. Add a folder after rewriting its prose. */
const CLEAN = [
  '.dependency-cruiser.mjs',
  '*.{mjs,ts}',
  'app',
  'bench',
  'cli',
  'components',
  'db',
  'docs/gateways',
  'docs/glossary.md',
  'e2e',
  'lib',
  'scripts',
];

/** Phrases that are almost never right (case-insensitive regular expressions), and what to write instead. */
const BANNED: Record<string, string> = {
  anew: 'again, new',
  'whoever|whosoever': 'name the actor: the administrator, the client, the attacker',
  'nobody|somebody|anybody|everybody': 'name the actor: no user, an administrator, every client',
  'tell(s|ing)? apart|told apart': 'distinguish, parse',
  'told(?! apart)': 'shown, notified, reported, passed',
  '(take|takes|taking|took) (a|another|its|one) turn': 'consume a rate limit',
  'hand-?overs?': 'key delivery',
  'at once': 'immediately, at the same time',
  'judge[ds]?|judging|judge?ment': 'validate, evaluate, check',
  'the present (address|code|key|link|one|reveal)s?': 'the current one',
  'under way': 'in progress',
  'such a one': 'one like this',
  'text rules|rules (for|of) texts': 'SMS policy',
  'what became of': 'delivery status, delivery report',
  'put(s|ting)? off': 'defer',
  'objections?': 'change report',
  'noted places?': 'checkpoint',
  'identity holders?': 'SSO account',
  'recently proven|proven recently': 'recent authentication',
  'good keys?': 'valid key',
  'dead (key|session)s?': 'expired, revoked',
  'in the place of': 'instead of',
  'and (its|their) likes?': 'and similar ones',
  'whence|whereof|wherein|thereof|therein': 'from which, of which, in which, of it, in it',
};

const PATTERNS = Object.entries(BANNED).map(([phrase, suggestion]) => ({
  // A phrase may continue on the next line.
  pattern: new RegExp(
    String.raw`\b(?:${phrase.replaceAll(' ', String.raw`(?:[^\S\n]+\n?|\n)[^\S\n]*`)})\b`,
    'gi',
  ),
  suggestion,
}));

type Span = { start: number; end: number };

const TEST_FUNCTION = /^(describe|it|test)$/;
const COMMENT = /\/\*.*?\*\/|\/\/[^\n]*/gs;
const COMMENT_MARKER = /^[^\S\n]*(\/\*\*?|\*|\/\/)/gm;
const CODE_SPAN = /`[^`\n]*`/g;
const CODE_BLOCK = /^(```|~~~).*?^\1/gms;
const LINK_TARGET = /\]\([^)\s]*\)/g;

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

/** Blanks everything but comments and test titles. */
function keepSourceProse(name: string, text: string): string {
  const literals: Span[] = [];
  const titles: Span[] = [];
  walk(parseSource(name, text).tree, (node) => {
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

const keepMarkdownProse = (text: string) =>
  [CODE_BLOCK, CODE_SPAN, LINK_TARGET].reduce((kept, pattern) => kept.replaceAll(pattern, blank), text);

/** Finds banned phrases in the comments and test titles of a source file, or in a Markdown page. */
export function findBannedPhrases(name: string, text: string): string[] {
  const prose = name.endsWith('.md') ? keepMarkdownProse(text) : keepSourceProse(name, text);
  return PATTERNS.flatMap(({ pattern, suggestion }) =>
    [...prose.matchAll(pattern)].map(({ index, 0: found }) => {
      const line = prose.slice(0, index).split('\n').length;
      return `${name}:${line}: "${found.replaceAll(/\s+/g, ' ')}" -> ${suggestion}`;
    }),
  );
}

/** Checks the prose of all clean files. */
export function checkProse(): string[] {
  const names = globSync([...CLEAN, ...CLEAN.map((folder) => `${folder}/**/*.{md,mjs,ts,tsx}`)], {
    exclude: ['**/node_modules'],
  }).filter((name) => /\.(md|mjs|tsx?)$/.test(name));
  return names.flatMap((name) => findBannedPhrases(name, readFileSync(name, 'utf8'))).toSorted();
}
