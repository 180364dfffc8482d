import { globSync, readFileSync } from 'node:fs';
import { PHRASES, PHRASES_FOR_USERS, PHRASES_IN_PROSE, type Phrase } from './banned-phrases.ts';
import { keepComments, keepMarkdownProse, keepUserText } from './extract-prose.ts';

/** Files and folders whose comments, test titles and Markdown pages are checked. */
const PROSE = [
  '.dependency-cruiser.mjs',
  '*.{md,mjs,ts}',
  '.github',
  'app',
  'bench',
  'cli',
  'clients',
  'components',
  'db',
  'docs',
  'e2e',
  'lib',
  'scripts',
];

/** Folders whose string literals and JSX text are checked. */
const USER_TEXT = ['app', 'cli', 'clients', 'components', 'db', 'lib', 'scripts'];

/** Files whose strings are not checked: tests, which quote text that is checked where it is defined, and the phrases. */
const NOT_USER_TEXT = /\.(test|spec)\.tsx?$|^lib\/testing\/|^e2e\/|^scripts\/banned-phrases\.ts$/;

function findPhrases(name: string, prose: string, phrases: Phrase[]): string[] {
  return phrases.flatMap(({ pattern, suggestion }) =>
    [...prose.matchAll(pattern)].map(({ index, 0: found }) => {
      const line = prose.slice(0, index).split('\n').length;
      return `${name}:${line}: "${found.replaceAll(/\s+/g, ' ')}" -> ${suggestion}`;
    }),
  );
}

/** Finds banned phrases in the comments and test titles of a source file, or in a Markdown page. */
export function findInProse(name: string, text: string): string[] {
  const prose = name.endsWith('.md') ? keepMarkdownProse(text) : keepComments(name, text);
  return findPhrases(name, prose, [...PHRASES, ...PHRASES_IN_PROSE]);
}

/** Finds banned phrases in the string literals and JSX text of a source file. */
export function findInUserText(name: string, text: string): string[] {
  return findPhrases(name, keepUserText(name, text), [...PHRASES, ...PHRASES_FOR_USERS]);
}

/** Lists the files of folders and patterns that have one of these extensions. */
const listFiles = (folders: string[], extensions: string) =>
  globSync([...folders, ...folders.map((folder) => `${folder}/**/*.{${extensions}}`)], {
    exclude: ['**/node_modules'],
  }).filter((name) => extensions.split(',').some((extension) => name.endsWith(`.${extension}`)));

const ANY_PHRASE = new RegExp(
  [...PHRASES, ...PHRASES_IN_PROSE, ...PHRASES_FOR_USERS].map(({ pattern }) => pattern.source).join('|'),
  'i',
);

/** Returns whether a file may contain a phrase anywhere, also across lines of a comment. Most do not, and need no parser. */
const mayContainPhrase = (text: string) => ANY_PHRASE.test(text.replaceAll(/\n\s*(\*|\/\/)?\s*/g, ' '));

/** Finds banned phrases in all prose and all user text. */
export function checkProse(): string[] {
  const read = (folders: string[], extensions: string) =>
    listFiles(folders, extensions)
      .map((name): [name: string, text: string] => [name, readFileSync(name, 'utf8')])
      .filter(([, text]) => mayContainPhrase(text));
  const prose = read(PROSE, 'md,mjs,ts,tsx').flatMap(([name, text]) => findInProse(name, text));
  const userText = read(USER_TEXT, 'mjs,ts,tsx')
    .filter(([name]) => !NOT_USER_TEXT.test(name))
    .flatMap(([name, text]) => findInUserText(name, text));
  return [...prose, ...userText].toSorted();
}
