import { lineOf, type Node, type Source, walk } from './source-files.ts';

/** What a JSX child can turn out to be. `variable`: React decides at run time whether there is an element, and which. */
type Kind = 'text' | 'element' | 'nothing' | 'variable' | 'unknown';

/** Methods whose result is text. */
const TEXT_METHODS = new Set(['slice', 'trim', 'join', 'toString', 'toLocaleString', 'toUpperCase']);

function kindsOfCall({ callee }: Node): Kind[] {
  const method = callee.type === 'MemberExpression' ? callee.property.name : undefined;
  if (method === 'map') return ['variable'];
  return TEXT_METHODS.has(method) ? ['text'] : ['unknown'];
}

function kindsOfElement({ openingElement: { name } }: Node, locals: Set<string>): Kind[] {
  // `const Icon = isOpen ? Door : Lock` and `<Icon />`: another icon is another element.
  return locals.has(name.name) ? ['element', 'variable'] : ['element'];
}

function kindsOf(node: Node, locals: Set<string>): Kind[] {
  switch (node.type) {
    case 'JSXText':
    case 'TemplateLiteral':
      return ['text'];
    case 'Literal':
      return typeof node.value === 'string' || typeof node.value === 'number' ? ['text'] : ['nothing'];
    case 'JSXElement':
      return kindsOfElement(node, locals);
    case 'JSXFragment':
      return ['element', 'variable'];
    case 'JSXExpressionContainer':
    case 'ParenthesizedExpression':
      return kindsOf(node.expression, locals);
    case 'ConditionalExpression': {
      const kinds = [...kindsOf(node.consequent, locals), ...kindsOf(node.alternate, locals)];
      return kinds.every((kind) => kind === 'text') ? kinds : [...kinds, 'variable'];
    }
    case 'LogicalExpression':
      return node.operator === '&&'
        ? ['variable', ...kindsOf(node.right, locals)]
        : [...kindsOf(node.left, locals), ...kindsOf(node.right, locals)];
    case 'CallExpression':
      return kindsOfCall(node);
    default:
      return ['unknown'];
  }
}

/** The children that React gets: no line breaks between tags, no comments. */
function childrenOf(node: Node): Node[] {
  return node.children.filter(
    (child: Node) =>
      !(child.type === 'JSXText' && child.value.includes('\n') && child.value.trim() === '') &&
      child.expression?.type !== 'JSXEmptyExpression',
  );
}

/** The capitalised variables of a file's functions: components that are chosen at run time. */
function localComponents(source: Source): Set<string> {
  const moduleLevel = new Set<Node>(source.tree.body);
  const names = new Set<string>();
  walk(source.tree, (node, parent) => {
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

function problemOf(node: Node, locals: Set<string>): string | null {
  const children = childrenOf(node).map((child) => new Set(kindsOf(child, locals)));
  // A fragment's children become children of the element around it. A named one has a key: it stands in a list.
  const isKeyed = node.openingElement?.name.name === 'Fragment';
  const isFragment = node.type === 'JSXFragment' || isKeyed;
  if (isFragment && children.some((kinds) => kinds.has('text') || (isKeyed && kinds.has('unknown'))))
    return 'a fragment holds bare text';
  if (children.length < 2) return null;
  if (children.some((kinds) => kinds.has('text') && kinds.has('variable')))
    return 'bare text comes and goes beside other nodes';
  const firstVariable = children.findIndex((kinds) => kinds.has('variable'));
  if (firstVariable < 0) return null;
  if (children.some((kinds) => kinds.has('text'))) return 'a conditional node stands beside bare text';
  return children.some((kinds, place) => place > firstVariable && kinds.has('unknown'))
    ? 'a conditional node stands before what may be bare text'
    : null;
}

/**
 * Finds JSX that crashes once a browser has translated the page. Translation replaces text nodes by `<font>` elements,
 * and React throws `NotFoundError` if it then removes such a node, or inserts another one before it. Text that is the only
 * child of its element is safe (facebook/react#11538).
 */
export function translationFindings(source: Source): string[] {
  const locals = localComponents(source);
  const findings: string[] = [];
  walk(source.tree, (node) => {
    if (node.type !== 'JSXElement' && node.type !== 'JSXFragment') return;
    const problem = problemOf(node, locals);
    if (problem)
      findings.push(`${source.name}:${lineOf(source, node.start)} ${problem}: put the text into an element`);
  });
  return findings;
}
