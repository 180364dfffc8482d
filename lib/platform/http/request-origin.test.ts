import { expect, test } from 'vitest';
import { checkOrigin } from './request-origin.ts';

const site = 'https://access.example.org';
const host = 'access.example.org';
const local = 'http://localhost:3000';

type Case = [string, string | null, string | null, string | null, string, 'own' | 'foreign' | 'unknown'];

test.each<Case>([
  // title, Sec-Fetch-Site, Origin, Host, PUBLIC_URL, result
  ['own page', 'same-origin', site, host, site, 'own'],
  ['own page, safe method', 'same-origin', null, host, site, 'own'],
  ['own page, older browser', null, site, host, site, 'own'],
  ['own page, behind a proxy that changes the host', 'same-origin', site, '127.0.0.1:3000', site, 'own'],
  [
    'another name of the same host, confirmed by the browser',
    'same-origin',
    'https://b.example',
    'b.example',
    site,
    'own',
  ],
  ['another name of this machine', 'same-origin', 'http://127.0.0.1:3000', '127.0.0.1:3000', local, 'own'],
  [
    'another name of this machine, older browser',
    null,
    'http://127.0.0.1:3000',
    '127.0.0.1:3000',
    local,
    'own',
  ],
  ['neither header', null, null, host, site, 'unknown'],
  ['another site', 'cross-site', 'https://evil.example', host, site, 'foreign'],
  ['another site, no Origin', 'cross-site', null, host, site, 'foreign'],
  ['another site with a forged Origin', 'cross-site', site, host, site, 'foreign'],
  ['a subdomain', 'same-site', 'https://blog.example.org', host, site, 'foreign'],
  ['a URL that the user typed', 'none', null, host, site, 'foreign'],
  ['an empty Sec-Fetch-Site', '', site, host, site, 'foreign'],
  ['another site, older browser', null, 'https://evil.example', host, site, 'foreign'],
  [
    'a foreign Origin with Sec-Fetch-Site: same-origin',
    'same-origin',
    'https://evil.example',
    host,
    site,
    'foreign',
  ],
  ['a sandboxed frame', 'cross-site', 'null', host, site, 'foreign'],
  ['a sandboxed frame, older browser', null, 'null', host, site, 'foreign'],
  ['Origin: null with Sec-Fetch-Site: same-origin', 'same-origin', 'null', host, site, 'foreign'],
  ['Origin: null with Host: null', 'same-origin', 'null', 'null', site, 'foreign'],
  ['a forged Host, older browser', null, 'https://evil.example', 'evil.example', site, 'foreign'],
  ['another port of this machine', null, 'http://localhost:9999', 'localhost:3000', local, 'foreign'],
  ['http instead of https', null, 'http://access.example.org', host, site, 'foreign'],
  ['an Origin with a path', 'same-origin', `${site}/x`, host, site, 'foreign'],
  ['an Origin without a scheme', 'same-origin', 'access.example.org', host, site, 'foreign'],
  ['an empty Origin', null, '', host, site, 'foreign'],
])('checkOrigin classifies %s', (_, secFetchSite, origin, hostHeader, publicUrl, expected) => {
  expect(checkOrigin({ secFetchSite, origin, host: hostHeader }, publicUrl)).toBe(expected);
});
