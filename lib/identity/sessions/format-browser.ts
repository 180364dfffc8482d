// For compatibility, browsers include the names of other browsers. So the first match in this order is the correct one.
const BROWSERS: [RegExp, string][] = [
  [/\b(Edg|EdgA|EdgiOS|Edge)\//, 'Edge'],
  [/\b(OPR|OPT|OPiOS|Opera)\b/, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/(Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.* Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\biPad\b/, 'iPadOS'],
  [/\b(iPhone|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\b(Macintosh|Mac OS X)\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const findName = (list: [RegExp, string][], text: string) =>
  list.find(([pattern]) => pattern.test(text))?.[1];

/**
 * Formats a `User-Agent` like "Chrome on Windows". Returns only names from the lists above, because the client controls
 * the header.
 */
export function formatBrowser(userAgent: string | null): string {
  const browser = findName(BROWSERS, userAgent ?? '') ?? 'Unknown browser';
  const system = findName(SYSTEMS, userAgent ?? '');
  return system ? `${browser} on ${system}` : browser;
}
