import { expect, test } from 'vitest';
import { checkOrigin } from './request-origin.ts';

const site = 'https://access.example.org';
const host = 'access.example.org';
const local = 'http://localhost:3000';

type Case = [string, string | null, string | null, string | null, string, 'own' | 'foreign' | 'untold'];

test.each<Case>([
  // what, Sec-Fetch-Site, Origin, Host, PUBLIC_URL
  ['our own page', 'same-origin', site, host, site, 'own'],
  ['our own page, a read', 'same-origin', null, host, site, 'own'],
  ['an older browser, our own page', null, site, host, site, 'own'],
  ['behind a proxy that changes the host', 'same-origin', site, '127.0.0.1:3000', site, 'own'],
  [
    'another name of the same host, by the word of the browser',
    'same-origin',
    'https://b.example',
    'b.example',
    site,
    'own',
  ],
  ['another name of this machine', 'same-origin', 'http://127.0.0.1:3000', '127.0.0.1:3000', local, 'own'],
  [
    'another name of this machine, an older browser',
    null,
    'http://127.0.0.1:3000',
    '127.0.0.1:3000',
    local,
    'own',
  ],
  ['neither header', null, null, host, site, 'untold'],
  ['another site', 'cross-site', 'https://evil.example', host, site, 'foreign'],
  ['another site, no Origin', 'cross-site', null, host, site, 'foreign'],
  ['another site that claims our Origin', 'cross-site', site, host, site, 'foreign'],
  ['a subdomain', 'same-site', 'https://blog.example.org', host, site, 'foreign'],
  ['an address typed in', 'none', null, host, site, 'foreign'],
  ['an unknown word', '', site, host, site, 'foreign'],
  ['another site, an older browser', null, 'https://evil.example', host, site, 'foreign'],
  ['a foreign Origin with our Sec-Fetch-Site', 'same-origin', 'https://evil.example', host, site, 'foreign'],
  ['a sandboxed frame', 'cross-site', 'null', host, site, 'foreign'],
  ['a sandboxed frame, an older browser', null, 'null', host, site, 'foreign'],
  ['Origin null with our Sec-Fetch-Site', 'same-origin', 'null', host, site, 'foreign'],
  ['Origin null asked of the host null', 'same-origin', 'null', 'null', site, 'foreign'],
  ['a forged Host, an older browser', null, 'https://evil.example', 'evil.example', site, 'foreign'],
  ['another port of this machine', null, 'http://localhost:9999', 'localhost:3000', local, 'foreign'],
  ['http instead of https', null, 'http://access.example.org', host, site, 'foreign'],
  ['an Origin with a path', 'same-origin', `${site}/x`, host, site, 'foreign'],
  ['no Origin at all but words', 'same-origin', 'access.example.org', host, site, 'foreign'],
  ['an empty Origin', null, '', host, site, 'foreign'],
])('%s', (_, secFetchSite, origin, hostHeader, publicUrl, expected) => {
  expect(checkOrigin({ secFetchSite, origin, host: hostHeader }, publicUrl)).toBe(expected);
});
