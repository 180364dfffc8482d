import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { submitCodeSchema } from '#lib/key-delivery/reveal/schema.ts';

const [TOKEN, OTHER_TOKEN] = ['a', 'b'].map((character) => character.repeat(64)) as [string, string];

/** Loads the module as a page does after a reload: only the tab's storage remains. */
async function loadPage() {
  vi.resetModules();
  return import('./retry-secret.ts');
}

/** The parts of a tab's storage that are used here. */
function createStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => items.set(name, value),
    removeItem: (name: string) => items.delete(name),
    items,
  };
}

let storage: ReturnType<typeof createStorage>;
beforeEach(() => {
  storage = createStorage();
  vi.stubGlobal('window', { sessionStorage: storage });
});
afterEach(() => vi.unstubAllGlobals());

describe('retry secret', () => {
  it('is of a form that the server accepts, another one for each link, and remains after a reload', async () => {
    const page = await loadPage();
    expect(page.findRetrySecret(TOKEN)).toBeNull();
    const secret = page.getRetrySecret(TOKEN);
    const input = { token: TOKEN, code: '123456', retrySecret: secret };
    expect(submitCodeSchema.parse(input)).toMatchObject({ retrySecret: secret });
    expect(page.getRetrySecret(TOKEN)).toBe(secret);
    expect(page.getRetrySecret(OTHER_TOKEN)).not.toBe(secret);
    expect((await loadPage()).findRetrySecret(TOKEN)).toBe(secret);
  });

  it('is deleted without the one of another link, whose response may have been lost', async () => {
    const page = await loadPage();
    page.getRetrySecret(TOKEN);
    const other = page.getRetrySecret(OTHER_TOKEN);
    page.deleteRetrySecret(TOKEN);
    for (const each of [page, await loadPage()]) {
      expect(each.findRetrySecret(TOKEN)).toBeNull();
      expect(each.findRetrySecret(OTHER_TOKEN)).toBe(other);
    }
    page.deleteRetrySecret(OTHER_TOKEN);
    expect([...storage.items]).toEqual([]);
  });

  it('is stored without the part of the token that is secret', async () => {
    (await loadPage()).getRetrySecret(TOKEN);
    expect([...storage.items.keys()]).toEqual([`stagedoor.retry.${TOKEN.slice(0, 21)}`]);
  });

  const refuse = () => {
    throw new DOMException('The operation is insecure.', 'SecurityError');
  };
  it.each([
    ['throws', () => Object.defineProperty({}, 'sessionStorage', { get: refuse })],
    ['is missing', () => ({ sessionStorage: null })],
    ['is full', () => ({ sessionStorage: { ...storage, setItem: refuse } })],
  ])('lasts until the page is left if the browser’s storage %s', async (_, createWindow) => {
    vi.stubGlobal('window', createWindow());
    const page = await loadPage();
    const secret = page.getRetrySecret(TOKEN);
    expect(page.getRetrySecret(TOKEN)).toBe(secret);
    expect(page.findRetrySecret(TOKEN)).toBe(secret);
    page.deleteRetrySecret(TOKEN);
    expect(page.findRetrySecret(TOKEN)).toBeNull();
  });
});
