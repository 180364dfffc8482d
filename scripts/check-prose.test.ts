import { describe, expect, it } from 'vitest';
import { findBannedPhrases } from './check-prose.ts';

describe('findBannedPhrases', () => {
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
    const [finding, ...others] = findBannedPhrases('app/a.tsx', source);
    expect(finding).toMatch(/^app\/a\.tsx:1: "anew" -> again, new$/i);
    expect(others).toEqual([]);
  });

  it('finds a phrase that continues on the next line, at its first line', () => {
    const source = 'const a = 1;\n/**\n * Reads all of them at\n * once.\n */\n// Stops at\n// once.\n';
    expect(findBannedPhrases('lib/a.ts', source)).toEqual([
      'lib/a.ts:3: "at once" -> immediately, at the same time',
      'lib/a.ts:6: "at once" -> immediately, at the same time',
    ]);
  });

  it('finds a phrase in a Markdown page', () => {
    expect(findBannedPhrases('docs/a.md', '# Keys\n\nIf they are under way,\nnobody sees them.\n')).toEqual([
      expect.stringContaining('docs/a.md:4: "nobody"'),
      'docs/a.md:3: "under way" -> in progress',
    ]);
  });

  it.each([
    ['lib/a.ts', "const a = 'nobody'; const b = `// told $" + '{a}`; const c = /anew/;'],
    ['lib/a.tsx', 'const nobody = <p>Somebody was told // at once</p>;'],
    ['lib/a.ts', '// Connects as `nobody`, and says it once. Handover2 is an identifier.'],
    ['lib/a.ts', "expect(text).toContain('Nobody'); it('accepts a key', () => { say('anew'); });"],
    ['docs/a.md', 'Run `su nobody`.\n\n```sh\nsu nobody\n```\n\nSee [users](nobody.md).\n'],
  ])('ignores code and strings in %s: %s', (name, text) => {
    expect(findBannedPhrases(name, text)).toEqual([]);
  });
});
