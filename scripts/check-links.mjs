import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { listFiles, ROOT, report } from './source-files.mjs';

const LINK = /!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|<(?:img|a)\b[^>]*?(?:src|href)="([^"]+)"/g;

/** Text without its code blocks and code spans, where brackets are no links. @param {string} text */
const withoutCode = (text) =>
  text
    .replaceAll(/^(```|~~~).*?^\1/gms, '')
    .replaceAll(/`[^`\n]*`/g, (span) => span.replaceAll(/[[\]()]/g, ' '));

/**
 * The anchors of a page, as GitHub makes them of its headings.
 * @param {string} name
 */
function anchorsOf(name) {
  const text = readFileSync(path.join(ROOT, name), 'utf8').replaceAll(/^(```|~~~).*?^\1/gms, '');
  /** @type {Set<string>} */
  const anchors = new Set([...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map((match) => match[1] ?? ''));
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.+?)\s*#*$/gm)) {
    const words = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** @param {string} name @returns {string[]} */
function findingsIn(name) {
  const text = withoutCode(readFileSync(path.join(ROOT, name), 'utf8'));
  return [...text.matchAll(LINK)].flatMap((match) => {
    const link = match[1] ?? match[2] ?? '';
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return [];
    const [file = '', anchor] = link.split('#');
    const target = file ? path.posix.join(path.posix.dirname(name), decodeURI(file)) : name;
    if (!existsSync(path.join(ROOT, target))) return [`${name} links to ${link}, which is not there`];
    if (!anchor || !target.endsWith('.md') || anchorsOf(target).has(decodeURIComponent(anchor))) return [];
    return [`${name} links to ${link}: ${target} has no such heading`];
  });
}

const pages = listFiles(/\.md$/);
report(pages.flatMap(findingsIn), `the links of ${pages.length} pages lead somewhere`);
