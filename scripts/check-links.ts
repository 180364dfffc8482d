import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const LINK = /!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|<(?:img|a)\b[^>]*?(?:src|href)="([^"]+)"/g;
const CODE_BLOCK = /^(```|~~~).*?^\1/gms;

/** Removes code blocks, and the brackets in code spans, which are not links. */
const removeCode = (text: string) =>
  text.replaceAll(CODE_BLOCK, '').replaceAll(/`[^`\n]*`/g, (span) => span.replaceAll(/[[\]()]/g, ' '));

/** Lists the anchors that GitHub generates for a page's headings. */
function listAnchors(page: string): Set<string> {
  const text = readFileSync(page, 'utf8').replaceAll(CODE_BLOCK, '');
  const anchors = new Set([...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map((match) => match[1] ?? ''));
  for (const [, heading = ''] of text.matchAll(/^#{1,6} +(.+?)\s*#*$/gm)) {
    const label = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = label
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

function findBrokenLinks(page: string): string[] {
  return [...removeCode(readFileSync(page, 'utf8')).matchAll(LINK)].flatMap((match) => {
    const link = match[1] ?? match[2] ?? '';
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(link)) return [];
    const [file = '', anchor] = link.split('#');
    const target = file ? path.join(path.dirname(page), decodeURI(file)) : page;
    if (!existsSync(target)) return [`${page} links to ${link}, which does not exist`];
    if (!anchor || !target.endsWith('.md') || listAnchors(target).has(decodeURIComponent(anchor))) return [];
    return [`${page} links to ${link}: ${target} has no such heading`];
  });
}

/** Checks that each relative link in our Markdown pages leads to an existing file and heading. */
export function checkLinks(): string[] {
  const pages = globSync(['*.md', '{app,bench,cli,clients,db,docs,e2e,lib,scripts,.github}/**/*.md'], {
    exclude: ['**/node_modules'],
  });
  return pages.flatMap(findBrokenLinks);
}
