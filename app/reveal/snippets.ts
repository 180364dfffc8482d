export const LANGUAGES = ['curl', 'JavaScript', 'Python', 'PHP', 'C#'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The environment variable from which the snippets read the key. */
export const KEY_VARIABLE = 'API_KEY';
/** Stands for the API's address if API_BASE_URL is not set. Example addresses never reach an API (RFC 2606). */
export const EXAMPLE_BASE_URL = 'https://api.example.com/';

/** Quotes a text for a POSIX shell. */
const quoteForShell = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Quotes a text for PHP, in which only backslash and quote have a meaning between single quotes. */
const quoteForPhp = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;

/**
 * Quotes a text as JSON, which is a string literal of JavaScript, Python and C# too. Escapes what JSON leaves as it is and
 * C# treats as the end of a line.
 */
const quoteAsJson = (text: string) =>
  JSON.stringify(text).replace(
    /[\u0085\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

type SnippetValues = { username: string; baseUrl: string };

const SNIPPETS: Record<Language, (values: SnippetValues) => string[]> = {
  curl: ({ username, baseUrl }) => [
    'curl --include \\',
    `  --user ${quoteForShell(`${username}:`)}"$${KEY_VARIABLE}" \\`,
    `  ${quoteForShell(baseUrl)}`,
  ],
  JavaScript: ({ username, baseUrl }) => [
    `const username = ${quoteAsJson(username)};`,
    `const credentials = Buffer.from(\`\${username}:\${process.env.${KEY_VARIABLE}}\`).toString('base64');`,
    `const response = await fetch(${quoteAsJson(baseUrl)}, {`,
    `  headers: { Authorization: \`Basic \${credentials}\` },`,
    '});',
    'console.log(response.status, await response.text());',
  ],
  Python: ({ username, baseUrl }) => [
    'import base64',
    'import os',
    'import urllib.request',
    '',
    `username = ${quoteAsJson(username)}`,
    `credentials = base64.b64encode(f"{username}:{os.environ['${KEY_VARIABLE}']}".encode()).decode()`,
    'request = urllib.request.Request(',
    `    ${quoteAsJson(baseUrl)},`,
    '    headers={"Authorization": f"Basic {credentials}"},',
    ')',
    'with urllib.request.urlopen(request) as response:',
    '    print(response.status, response.read().decode())',
  ],
  PHP: ({ username, baseUrl }) => [
    '<?php',
    `$username = ${quoteForPhp(username)};`,
    `$credentials = base64_encode($username . ':' . getenv('${KEY_VARIABLE}'));`,
    "$context = stream_context_create(['http' => [",
    '    \'header\' => "Authorization: Basic $credentials",',
    "    'ignore_errors' => true,",
    ']]);',
    `$response = fopen(${quoteForPhp(baseUrl)}, 'r', false, $context);`,
    "echo stream_get_meta_data($response)['wrapper_data'][0], PHP_EOL;",
    'echo stream_get_contents($response), PHP_EOL;',
  ],
  'C#': ({ username, baseUrl }) => [
    'using System.Net.Http.Headers;',
    'using System.Text;',
    '',
    `var username = ${quoteAsJson(username)};`,
    `var key = Environment.GetEnvironmentVariable("${KEY_VARIABLE}");`,
    'var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{username}:{key}"));',
    'using var client = new HttpClient();',
    'client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);',
    `var response = await client.GetAsync(${quoteAsJson(baseUrl)});`,
    'Console.WriteLine($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");',
  ],
};

/** Builds a program that sends one request to the API, with the key from an environment variable. */
export function buildSnippet(language: Language, values: SnippetValues): string {
  return SNIPPETS[language](values).join('\n');
}
