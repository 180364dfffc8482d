import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vitest/node';

/** The repository's own folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = /(?<!\.d)\.(ts|tsx|mjs)$/;
const NOT_OURS = new Set(['node_modules', '.next', '.git', '.stagedoor', 'test-results']);

/**
 * @typedef {{ start: number, end: number, type: string } & Record<string, any>} Node a node of the syntax tree (ESTree)
 * @typedef {{ name: string, text: string, tree: Node }} Source `name` is relative to the repository, with slashes
 */

/**
 * The repository's files, by names relative to it.
 * @param {RegExp} pattern
 * @param {string} [folder]
 * @returns {string[]}
 */
export function listFiles(pattern, folder = '') {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : listFiles(pattern, name);
    return entry.isFile() && pattern.test(name) ? [name] : [];
  });
}

/**
 * @param {string} name
 * @param {string} text
 * @returns {Source}
 */
export function parseSource(name, text) {
  const lang = name.endsWith('.tsx') ? 'tsx' : 'ts';
  return { name, text, tree: /** @type {any} */ (parseAst(text, { lang })) };
}

/** Every TypeScript and JavaScript file of ours, parsed. */
export function readSources() {
  return listFiles(SOURCE).map((name) => parseSource(name, readFileSync(path.join(ROOT, name), 'utf8')));
}

/**
 * Calls `visit` for a node and everything below it, parents first.
 * @param {Node} node
 * @param {(node: Node, parent: Node | null) => void} visit
 * @param {Node | null} [parent]
 */
export function walk(node, visit, parent = null) {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child === 'object' && typeof child.type === 'string') walk(child, visit, node);
    }
  }
}

/** @param {Source} source @param {'use client' | 'use server'} directive */
export function hasDirective(source, directive) {
  return source.tree.body.some((/** @type {Node} */ node) => node.directive === directive);
}

/** @param {Source} source @param {number} offset */
export function lineOf(source, offset) {
  return source.text.slice(0, offset).split('\n').length;
}

/**
 * Prints what was found and sets the exit code.
 * @param {string[]} findings one line each
 * @param {string} allWell said when there is nothing
 */
export function report(findings, allWell) {
  for (const finding of findings) console.log(finding);
  if (findings.length > 0) process.exitCode = 1;
  else console.log(allWell);
}
