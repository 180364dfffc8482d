import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findLine, type Node, parseSource, type Source, walkTree } from './source-files.ts';

/**
 * What a JSX child can render as. `variable`: run-time values decide whether there is an element, or which one.
 * `unknown`: a value, which may be text.
 */
type Kind = 'text' | 'element' | 'nothing' | 'variable' | 'unknown';

/** Methods that return a string. */
const TEXT_METHODS = new Set(['slice', 'trim', 'join', 'toString', 'toLocaleString', 'toUpperCase']);

function listKindsOfCall({ callee }: Node): Kind[] {
  const method = callee.type === 'MemberExpression' ? callee.property.name : undefined;
  if (method === 'map') return ['variable'];
  return TEXT_METHODS.has(method) ? ['text'] : ['unknown'];
}

function listKindsOfElement({ openingElement: { name } }: Node, locals: Set<string>): Kind[] {
  // `const Icon = isOpen ? Door : Lock` and `<Icon />`: another icon is another element.
  return locals.has(name.name) ? ['element', 'variable'] : ['element'];
}

function listKinds(node: Node, locals: Set<string>): Kind[] {
  switch (node.type) {
    case 'JSXText':
    case 'TemplateLiteral':
      return ['text'];
    case 'Literal':
      return typeof node.value === 'string' || typeof node.value === 'number' ? ['text'] : ['nothing'];
    case 'JSXElement':
      return listKindsOfElement(node, locals);
    case 'JSXFragment':
      // Its children are not examined here: any of them may be conditional.
      return ['element', 'variable'];
    case 'JSXExpressionContainer':
    case 'ParenthesizedExpression':
      return listKinds(node.expression, locals);
    case 'ConditionalExpression': {
      const kinds = [...listKinds(node.consequent, locals), ...listKinds(node.alternate, locals)];
      return kinds.every((kind) => kind === 'text') ? kinds : [...kinds, 'variable'];
    }
    case 'LogicalExpression':
      return node.operator === '&&'
        ? ['variable', ...listKinds(node.right, locals)]
        : [...listKinds(node.left, locals), ...listKinds(node.right, locals)];
    case 'CallExpression':
      return listKindsOfCall(node);
    default:
      return ['unknown'];
  }
}

/** Lists the children that React receives: without line breaks between tags, and without comments. */
function listChildren(node: Node): Node[] {
  return node.children.filter(
    (child: Node) =>
      !(child.type === 'JSXText' && child.value.includes('\n') && child.value.trim() === '') &&
      child.expression?.type !== 'JSXEmptyExpression',
  );
}

/** Lists the capitalised variables in a file's functions: components that are chosen at run time. */
function listLocalComponents(source: Source): Set<string> {
  const moduleLevel = new Set<Node>(source.tree.body);
  const names = new Set<string>();
  walkTree(source.tree, (node, parent) => {
    if (
      node.type === 'VariableDeclarator' &&
      parent &&
      !moduleLevel.has(parent) &&
      node.id.type === 'Identifier'
    )
      names.add(node.id.name);
    // `{ icon: Icon }`, destructured from props or from a table.
    if (node.type === 'ObjectPattern')
      for (const property of node.properties) if (property.value?.name) names.add(property.value.name);
  });
  return new Set([...names].filter((name) => /^[A-Z]/.test(name)));
}

function findProblem(node: Node, locals: Set<string>): string | null {
  const children = listChildren(node).map((child) => new Set(listKinds(child, locals)));
  // A fragment's children become children of the surrounding element. `<Fragment>` has a key: it is part of a list.
  const isKeyed = node.openingElement?.name.name === 'Fragment';
  const isFragment = node.type === 'JSXFragment' || isKeyed;
  if (isFragment && children.some((kinds) => kinds.has('text') || (isKeyed && kinds.has('unknown'))))
    return 'a fragment contains bare text';
  if (children.length < 2) return null;
  if (children.some((kinds) => kinds.has('text') && kinds.has('variable')))
    return 'bare text comes and goes beside other nodes';
  const firstVariable = children.findIndex((kinds) => kinds.has('variable'));
  if (firstVariable < 0) return null;
  if (children.some((kinds) => kinds.has('text'))) return 'a conditional node stands beside bare text';
  return children.some((kinds, index) => index > firstVariable && kinds.has('unknown'))
    ? 'a conditional node stands before what may be bare text'
    : null;
}

/**
 * Finds JSX that crashes after a browser translated the page. Translation replaces text nodes with `<font>` elements.
 * React throws `NotFoundError` if it then removes such a text node, or inserts another node before it. Text that is the
 * only child of its element is safe (facebook/react#11538).
 */
function findTranslationProblems(source: Source): string[] {
  const locals = listLocalComponents(source);
  const findings: string[] = [];
  walkTree(source.tree, (node) => {
    if (node.type !== 'JSXElement' && node.type !== 'JSXFragment') return;
    const problem = findProblem(node, locals);
    if (problem)
      findings.push(
        `${source.name}:${findLine(source, node.start)} ${problem}: put the text into an element`,
      );
  });
  return findings;
}

const findProblems = (jsx: string, before = '') =>
  findTranslationProblems(parseSource('x.tsx', `const Page = (props) => { ${before} return ${jsx}; };`));

describe('findTranslationProblems', () => {
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
    expect(findProblems(jsx)).toEqual([]);
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
    expect(findProblems(jsx)).toHaveLength(1);
  });

  it('finds an icon that is chosen at run time next to a value', () => {
    expect(findProblems('<p><Icon />{label}</p>', 'const Icon = props.a ? Door : Lock;')).toHaveLength(1);
    expect(findProblems('<p><Icon />{label}</p>', 'const { icon: Icon } = props;')).toHaveLength(1);
    expect(findProblems('<p><Door />{label}</p>')).toEqual([]);
  });

  it('finds nothing in the pages and components', () => {
    const names = globSync('{app,components}/**/*.tsx');
    const sources = names.map((name) => parseSource(name, readFileSync(name, 'utf8')));
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(findTranslationProblems)).toEqual([]);
  });
});
