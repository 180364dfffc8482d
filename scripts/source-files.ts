import { parseAst } from 'vitest/node';

/** A node of the syntax tree (ESTree). */
// biome-ignore lint/suspicious/noExplicitAny: ESTree has a type for each kind of node, and our rules handle many.
export type Node = any;
/** `name` is the path relative to the repository. */
export type Source = { name: string; text: string; tree: Node };

/** Parses a TypeScript file. */
export function parseSource(name: string, text: string): Source {
  return { name, text, tree: parseAst(text, { lang: name.endsWith('.tsx') ? 'tsx' : 'ts' }) };
}

/** Calls `visit` for a node and its descendants, parents first. */
export function walkTree(node: Node, visit: (node: Node, parent: Node) => void, parent: Node = null): void {
  visit(node, parent);
  for (const child of Object.values(node).flat() as Node[])
    if (typeof child?.type === 'string') walkTree(child, visit, node);
}

/** Returns the number of the line at an offset, from 1. */
export const findLine = (source: Source, offset: number): number =>
  source.text.slice(0, offset).split('\n').length;
