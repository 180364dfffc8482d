import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentSchema } from '#lib/platform/config/environment.ts';

/** Set by `npm start` for its own child processes, so not a setting of an installation. */
const INTERNAL_SETTINGS = ['STAGEDOOR_EMBEDDED', 'STAGEDOOR_FIRST_PASSWORD_GIVEN'];

const readPage = (name: string) => readFileSync(`docs/reference/${name}.md`, 'utf8');
const findAll = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
/** Lists the names in code spans in the first column of a page's tables. */
const listNames = (page: string) =>
  findAll(page, /^\| (`[^|]+`) \|/gm).flatMap((cell) => findAll(cell, /`([^`]+)`/g));

describe('docs/reference/settings.md', () => {
  it('lists exactly the settings that exist', () => {
    const settings = Object.keys(environmentSchema.shape).filter((name) => !INTERNAL_SETTINGS.includes(name));
    expect(listNames(readPage('settings')).toSorted()).toEqual(settings.toSorted());
  });
});

describe('docs/reference/audit-events.md', () => {
  it('lists exactly the actions that exist', () => {
    const actions = findAll(readFileSync('lib/audit/actions.ts', 'utf8'), /^ {2}\| '([a-z_.]+)'/gm);
    const listed = listNames(readPage('audit-events')).filter((name) => name.includes('.'));
    // The only action without a dot, which distinguishes actions from the other names on the page.
    expect([...listed, 'sign_out'].toSorted()).toEqual(actions.toSorted());
    expect(readPage('audit-events')).toContain('| `sign_out` |');
  });
});

describe('docs/reference/guarantees.md', () => {
  it('names only tests that exist', () => {
    const files = findAll(readPage('guarantees'), /`([^`\s]+\.(?:test|spec)\.ts)`/g);
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('names no test that runs only with npm run test:soak', () => {
    const files = findAll(readPage('guarantees'), /`([^`\s]+\.(?:test|spec)\.ts)`/g);
    const runsOnlyInSoak = (file: string) => {
      const text = readFileSync(file, 'utf8');
      if (/describe\([^)]*@soak/.test(text)) return true;
      const taggedCount = findAll(text, /(tag: '@soak')/g).length;
      return (
        file.endsWith('.soak.test.ts') ||
        (taggedCount > 0 && findAll(text, /\b(test\()/g).length <= taggedCount)
      );
    };
    expect(files.filter(runsOnlyInSoak)).toEqual([]);
  });
});
