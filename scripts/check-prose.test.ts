import { describe, expect, it } from 'vitest';
import { findInProse, findInUserText } from './check-prose.ts';

describe('findInProse', () => {
  it.each([
    ['a line comment', 'const a = 1; // Creates it anew.'],
    ['a docstring', '/** Creates it anew. */\nconst a = 1;'],
    ['a test title', "it('creates it anew', () => {});"],
    ['the title of a group of tests', "test.describe('anew', () => {});"],
    ['the title of a parameterised test', "it.each([1])('creates %s anew', () => {});"],
    ['a title with a variable', 'test(`creates $' + '{a} anew`, () => {});'],
    ['a comment in JSX', 'const a = <p>{/* Creates it anew. */}</p>;'],
    ['a phrase at the beginning of a sentence', '// Anew created.'],
  ])('finds a phrase in %s', (_, source) => {
    const [finding, ...others] = findInProse('app/a.tsx', source);
    expect(finding).toMatch(/^app\/a\.tsx:1: "anew" -> again, new$/i);
    expect(others).toEqual([]);
  });

  it('finds a phrase that continues on the next line, at its first line', () => {
    const source = 'const a = 1;\n/**\n * Reads all of them at\n * once.\n */\n// Stops at\n// once.\n';
    expect(findInProse('lib/a.ts', source)).toEqual([
      'lib/a.ts:3: "at once" -> immediately, at the same time',
      'lib/a.ts:6: "at once" -> immediately, at the same time',
    ]);
  });

  it('finds a phrase in a Markdown page', () => {
    expect(findInProse('docs/a.md', '# Keys\n\nIf they are under way,\nnobody sees them.\n')).toEqual([
      expect.stringContaining('docs/a.md:4: "nobody"'),
      'docs/a.md:3: "under way" -> in progress',
    ]);
  });

  it.each([
    ['The link is good for 24 hours.', 'is good for'],
    ['It ends the present key.', 'the present key'],
    ['It is sent to the address before.', 'the address before'],
    ['The ceiling was reached.', 'ceiling'],
    ['It was given up after three attempts.', 'given up'],
    ['It normalizes the colour.', 'normalizes'],
    ['The canceled request has another behaviour.', 'canceled'],
  ])('finds a banned phrase: %s', (sentence, phrase) => {
    expect(findInProse('docs/a.md', sentence)).toEqual([expect.stringContaining(`"${phrase}"`)]);
  });

  it.each([
    ['lib/a.ts', "const a = 'nobody'; const b = `// told $" + '{a}`; const c = /anew/;'],
    ['lib/a.tsx', 'const nobody = <p>Somebody was told // at once</p>;'],
    ['lib/a.ts', '// Connects as `nobody`, and says it once. Handover2 is an identifier.'],
    ['lib/a.ts', "expect(text).toContain('Nobody'); it('accepts a key', () => { say('anew'); });"],
    ['docs/a.md', 'Run `su nobody`.\n\n```sh\nsu nobody\n```\n\nSee [users](nobody.md).\n'],
  ])('ignores code and strings in %s: %s', (name, text) => {
    expect(findInProse(name, text)).toEqual([]);
  });

  it.each([
    'A new key is generated. The current one works until the new key is collected.',
    'The session has ended, and the account is over its limit.',
    'There are two ways in which a message may be sent. It is good practice.',
    'We give each company its own account, at one address. Present a passport.',
    'Days begin at midnight in UTC. The analysis of a colour is cancelled.',
  ])('accepts allowed words that resemble banned phrases: %s', (text) => {
    expect(findInProse('docs/a.md', text)).toEqual([]);
  });
});

describe('findInUserText', () => {
  const find = (source: string) => findInUserText('app/a.tsx', source);

  it.each([
    ['a string', "const label = 'Create it anew';", 'anew'],
    ['a template', 'const label = `Send $' + '{n} links anew`;', 'anew'],
    ['JSX text', 'const a = <p>The key stops working at once.</p>;', 'at once'],
    [
      'JSX text over two lines',
      'const a = (\n  <p>\n    The key stops working at\n    once.\n  </p>\n);',
      'at once',
    ],
    ['an attribute', 'const a = <Field hint="This link is good for an hour" />;', 'is good for'],
    ['an object', "const MESSAGES = { over: 'The invitation is over.' };", 'is over'],
    ['an error', "throw new Error('nobody could sign in');", 'nobody'],
  ])('finds a phrase in %s', (_, source, phrase) => {
    expect(find(source)).toEqual([expect.stringContaining(`"${phrase}"`)]);
  });

  it('reports the line and a suggestion', () => {
    expect(find('\nconst label = `Days are counted in UTC`;')).toEqual([
      `app/a.tsx:2: "in UTC" -> the reader's time zone, with the zone shown`,
    ]);
  });

  it.each([
    ['a stored value', "const by = 'nobody'; const kind = 'objection';"],
    ['SQL', 'sql`update text_rules set told = 1 where nobody at once`;'],
    ['an import', "import { a } from './anew and nobody.ts';"],
    ['classes', 'const a = <p className="anew nobody told" />;'],
    ['a comment, which is not for users', '// Stops at once.\nconst a = 1;'],
    ['an identifier', 'const anew = nobody(told);'],
    ['a code span', "const hint = 'Run `su nobody` to begin';"],
    [
      'text without a banned phrase',
      'const a = <p>This link works for an hour. Someone else has already used it.</p>;',
    ],
    ['a verb-first button', "const label = 'Show API key';"],
  ])('accepts %s', (_, source) => {
    expect(find(source)).toEqual([]);
  });
});
