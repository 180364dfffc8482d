import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { RetirementEffects } from './retirement-effects.tsx';

function readText(accounts: number, onlyScope: number, usernames: string[]): string {
  const html = renderToStaticMarkup(<RetirementEffects use={{ accounts, onlyScope, usernames }} />);
  return html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

describe('RetirementEffects', () => {
  it('says that no account loses the scope, and what requests that require it get', () => {
    const text = readText(0, 0, []);
    expect(text).toContain('You can’t undo this');
    expect(text).toContain('No account has it');
    expect(text).toContain('requests that require it are refused for every account without full access');
    expect(text).not.toContain('only scope');
  });

  it('lists the accounts that lose it, and how many more there are', () => {
    const text = readText(1_202, 0, ['Contoso', 'Northgate Web']);
    expect(text).toContain('1,202 accounts lose it immediately: Contoso Northgate Web and 1,200 more');
    expect(text).not.toContain('only scope');
  });

  it.each([
    [1, 1, 'It’s the only scope of this account. The account doesn’t get full access'],
    [3, 3, 'It’s the only scope of all of them. They don’t get full access'],
    [3, 2, 'It’s the only scope of 2 of them. They don’t get full access'],
  ])('says of %i accounts that %i of them are left without a scope', (accounts, onlyScope, expected) => {
    expect(readText(accounts, onlyScope, ['Contoso'])).toContain(expected);
  });
});
