import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { generateKey } from '#lib/api-keys/api-key.ts';

const PAGE = readFileSync('docs/how-to/secret-scanning.md', 'utf8');

/** Lists the contents of the page's code blocks in a language. */
const listBlocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block);

/** Lists the first groups of all matches. */
const findAll = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found);

/** Returns a row of the table with GitHub's fields: the values for API keys and for access tokens. */
function readRow(name: string): string[] {
  const row = PAGE.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? '';
  return findAll(row, /`([^`]+)`/g).map((cell) => cell.replaceAll('\\|', '|'));
}

const [gitleaks = ''] = listBlocks('toml');
const [trufflehog = ''] = listBlocks('yaml');
const [secrets, before, after] = ['Secret format', 'Before secret', 'After secret'].map(readRow);

/** The patterns of each scanner, those for API keys first, with the words that a file must contain to be scanned. */
const SCANNERS = {
  gitleaks: {
    patterns: findAll(gitleaks, /^regex = '''(.*)'''$/gm),
    keywords: findAll(gitleaks, /^keywords = \["(.*)"\]$/gm),
  },
  TruffleHog: {
    patterns: findAll(trufflehog, /^ {6}\w+: '(.*)'$/gm),
    keywords: findAll(trufflehog, /^ {6}- (\w+)$/gm),
  },
  // The groups that GitHub puts around the three parts of a custom pattern.
  GitHub: {
    patterns: (secrets ?? []).map(
      (secret, index) => `(?:${before?.[index]})(${secret})(?:${after?.[index]})`,
    ),
    keywords: ['stagekey', 'stagetok'],
  },
};

/** Finds what a scanner finds. All three use RE2 or a dialect without look-around and back-references, like RE2. */
function scan(pattern: string, text: string): string[] {
  const matcher = RE2JS.compile(pattern).matcher(text);
  const found: string[] = [];
  while (matcher.find()) found.push(matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? '');
  return found;
}

const CONTEXTS = [
  (key: string) => key,
  (key: string) => `API_KEY=${key}\n`,
  (key: string) => `{"key":"${key}"}`,
  (key: string) => `curl -u 'Contoso:${key}' https://api.example.org`,
  (key: string) => `https://example.org/?key=${key}&x=1`,
  (key: string) => `- ${key}\r\n- other`,
];

const tags = ['stagekey', 'stagetok'];

describe.each(Object.entries(SCANNERS))('the patterns for %s', (_, { patterns, keywords }) => {
  it('are one for API keys and one for access tokens', () => {
    expect(patterns).toHaveLength(2);
    expect(keywords).toEqual(tags);
  });

  it.each(tags)('find every %s… and nothing else', (tag) => {
    const pattern = patterns[tags.indexOf(tag)] ?? '';
    for (let count = 0; count < 50; count += 1) {
      const key = generateKey(tag);
      for (const context of CONTEXTS) expect(scan(pattern, context(key))).toEqual([key]);
      const others = tags.filter((each) => each !== tag).map((each) => generateKey(each));
      const nearMisses = [
        key.slice(0, -1),
        `${key}A`,
        `A${key}`,
        key.replace(tag, tag.toUpperCase()),
        `${key.slice(0, 40)}-${key.slice(41)}`,
        `${key.slice(0, 40)}\n${key.slice(40)}`,
        ...others,
      ];
      for (const text of nearMisses) expect(scan(pattern, `API_KEY="${text}"`)).toEqual([]);
    }
  });

  it('find two keys in consecutive lines', () => {
    const keys = [generateKey('stagekey'), generateKey('stagekey')];
    expect(scan(patterns[0] ?? '', `A=${keys[0]}\nB=${keys[1]}\n`)).toEqual(keys);
  });
});

describe('the command that reports what gitleaks found', () => {
  it('sends the format of the management API', () => {
    const [filter] = findAll(listBlocks('sh').join('\n'), /jq '(.*)'/g);
    // The fields of a finding that gitleaks writes.
    for (const field of ['RuleID', 'Secret', 'Link']) expect(filter).toContain(`.${field}`);
    expect(filter).toContain('{token: .Secret, url: .Link, type: .RuleID}');
  });
});
