import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSource } from './source-files.ts';
import { translationFindings } from './translation-rules.ts';

const findingsFor = (jsx: string, before = '') =>
  translationFindings(parseSource('x.tsx', `const Page = (props) => { ${before} return ${jsx}; };`));

describe('translationFindings', () => {
  it.each([
    ['conditional text as the only child', "<p>{a && 'text'}</p>"],
    ['one of two texts', "<p>{a ? 'text' : 'other'}</p>"],
    ['text or an element as the only child', "<p>{a ? 'text' : <b>other</b>}</p>"],
    ['text next to an unconditional element', '<p>text <b>more</b> text</p>'],
    ['a value next to an unconditional element', '<p><svg />{label}</p>'],
    ['a conditional element next to an element', '<p>{a && <svg />}<span>text</span></p>'],
    ['a conditional element after a value', '<p>{label}{a && <svg />}</p>'],
    ['a list', '<ul>{rows.map((row) => <li key={row}>{row}</li>)}</ul>'],
    ['a fragment of elements', '<>{heading}<h1>text</h1>{a && <p>text</p>}</>'],
    ['a comment next to text', '<p>{/* why */}text</p>'],
  ])('accepts %s', (_, jsx) => {
    expect(findingsFor(jsx)).toEqual([]);
  });

  it.each([
    ['a conditional element before text', '<p>{a && <svg />} text</p>'],
    ['a conditional element after text', '<p>text {a && <svg />}</p>'],
    ['one element or another before text', '<p>{a ? <b>1</b> : <i>2</i>} text</p>'],
    ['a conditional element before a value', '<button>{a && <svg />}{children}</button>'],
    ['conditional text next to text', "<p>text{a && ' more'}</p>"],
    ['conditional text next to conditional text', "<p>{a && 'text'}{b && `more`}</p>"],
    ['text or an element next to text', "<p>by {a ? <b>{a}</b> : 'us'}.</p>"],
    ['a list before text', '<p>{rows.map((row) => <b key={row}>{row}</b>)} text</p>'],
    ['text in a fragment', '<><b>text</b> text</>'],
    ['a part of a string in a fragment', '<>{text.slice(2)}<b>text</b></>'],
    ['a value in a fragment of a list', '<Fragment key={1}>{part}</Fragment>'],
    ['children of a component', '<Button>{a && <svg />} text</Button>'],
  ])('finds %s', (_, jsx) => {
    expect(findingsFor(jsx)).toHaveLength(1);
  });

  it('finds an icon that is chosen at run time next to a value', () => {
    expect(findingsFor('<p><Icon />{label}</p>', 'const Icon = props.a ? Door : Lock;')).toHaveLength(1);
    expect(findingsFor('<p><Icon />{label}</p>', 'const { icon: Icon } = props;')).toHaveLength(1);
    expect(findingsFor('<p><Door />{label}</p>')).toEqual([]);
  });

  it('finds nothing in the pages and components', () => {
    const names = globSync('{app,components}/**/*.tsx');
    const sources = names.map((name) => parseSource(name, readFileSync(name, 'utf8')));
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(translationFindings)).toEqual([]);
  });
});
