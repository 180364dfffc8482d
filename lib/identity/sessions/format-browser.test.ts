import { expect, test } from 'vitest';
import { formatBrowser } from './format-browser.ts';

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)';
const IPAD = 'Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X)';
const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K)';
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64)';
const CHROMEOS = 'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)';
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';
const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';

test.each<[string | null, string]>([
  [`${WINDOWS} ${BLINK} Safari/537.36`, 'Chrome on Windows'],
  [`${CHROMEOS} ${BLINK} Safari/537.36`, 'Chrome on ChromeOS'],
  [`${ANDROID} ${BLINK} Mobile Safari/537.36`, 'Chrome on Android'],
  [`${IPHONE} ${WEBKIT} CriOS/140.0.7339.39 Mobile/15E148 Safari/604.1`, 'Chrome on iOS'],
  [`${LINUX} ${BLINK.replace('Chrome', 'HeadlessChrome')} Safari/537.36`, 'Chrome on Linux'],
  [`${WINDOWS} ${BLINK} Safari/537.36 Edg/140.0.0.0`, 'Edge on Windows'],
  [`${ANDROID} ${BLINK} Mobile Safari/537.36 EdgA/140.0.0.0`, 'Edge on Android'],
  [`${IPHONE} ${WEBKIT} Version/18.0 EdgiOS/140.0 Mobile/15E148 Safari/604.1`, 'Edge on iOS'],
  [`${MAC} ${BLINK} Safari/537.36 OPR/122.0.0.0`, 'Opera on macOS'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0', 'Firefox on Windows'],
  ['Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0', 'Firefox on Android'],
  [`${IPAD} ${WEBKIT} FxiOS/143.0 Mobile/15E148 Safari/605.1.15`, 'Firefox on iPadOS'],
  [`${MAC} ${WEBKIT} Version/18.6 Safari/605.1.15`, 'Safari on macOS'],
  [`${IPHONE} ${WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1`, 'Safari on iOS'],
  [`${IPAD} ${WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1`, 'Safari on iPadOS'],
  [LINUX, 'Unknown browser on Linux'],
  ['curl/8.5.0', 'Unknown browser'],
  ['<b>Chromely</b>', 'Unknown browser'],
  ['', 'Unknown browser'],
  [null, 'Unknown browser'],
])('formats %s as %s', (userAgent, label) => {
  expect(formatBrowser(userAgent)).toBe(label);
});
