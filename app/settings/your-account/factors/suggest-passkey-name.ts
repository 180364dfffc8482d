const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/CrOS/, 'Chromebook'],
  [/Macintosh/, 'Mac'],
  [/Windows/, 'Windows'],
  [/Linux/, 'Linux'],
];
/** The first match counts: Edge's user agent also contains Chrome and Safari, and Chrome's contains Safari. */
const BROWSERS: [RegExp, string][] = [
  [/Edg/, 'Edge'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS/, 'Chrome'],
  [/Safari/, 'Safari'],
];

const findName = (list: [RegExp, string][], text: string) =>
  list.find(([pattern]) => pattern.test(text))?.[1];

/** Suggests a name for a passkey that is created in this browser: "Chrome on Windows". */
export function suggestPasskeyName(userAgent: string): string {
  const system = findName(SYSTEMS, userAgent);
  const browser = findName(BROWSERS, userAgent);
  return [browser, system].filter(Boolean).join(' on ') || 'My passkey';
}
