import { parseAst } from 'vitest/node';

/** A node of the syntax tree (ESTree). */
// biome-ignore lint/suspicious/noExplicitAny: ESTree has a shape for each type of node, and our rules look at many.
export type Node = any;
/** `name` is relative to the repository. */
export type Source = { name: string; text: string; tree: Node };

/** Parses a TypeScript file. */
export function parseSource(name: string, text: string): Source {
  return { name, text, tree: parseAst(text, { lang: name.endsWith('.tsx') ? 'tsx' : 'ts' }) };
}

/** Calls `visit` for a node and everything below it, parents first. */
export function walk(node: Node, visit: (node: Node, parent: Node) => void, parent: Node = null): void {
  visit(node, parent);
  for (const child of Object.values(node).flat() as Node[])
    if (typeof child?.type === 'string') walk(child, visit, node);
}

export const lineOf = (source: Source, offset: number): number =>
  source.text.slice(0, offset).split('\n').length;
