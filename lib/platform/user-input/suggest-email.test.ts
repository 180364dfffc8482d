import { describe, expect, it } from 'vitest';
import { suggestEmail } from './suggest-email.ts';

describe('suggestEmail', () => {
  it.each([
    ['dev@gmial.com', 'dev@gmail.com'],
    ['Jane Doe <Dev+1@gmail.con>', 'Dev+1@gmail.com'],
    ['dev@gmail.co', 'dev@gmail.com'],
    ['dev@hotmial.co.uk', 'dev@hotmail.co.uk'],
    ['dev@outlok.com', 'dev@outlook.com'],
    ['dev@yahooo.com', 'dev@yahoo.com'],
    ['it@contoso.con', 'it@contoso.com'],
    ['it@contoso.comm', 'it@contoso.com'],
  ])('suggests a likely domain: %s', (typed, suggested) => {
    expect(suggestEmail(typed)).toBe(suggested);
  });

  it.each([
    'dev@gmail.com',
    'dev@googlemail.com',
    'dev@mail.com',
    'dev@outlook.com',
    'it@contoso.com',
    'it@contoso.co.uk',
    'it@nationaltheatre.org.uk',
    'it@contoso.co',
    'it@contoso.cm',
    'it@contoso.io',
    'it@contoso.org',
    'it@contoso.museum',
    'it@male.com',
    'it@we.com',
    'it@théâtre.fr',
    'it@xn--thtre-xqa.fr',
    'it@contoso',
    'contoso.con',
    '@gmial.com',
    '',
  ])('suggests nothing for %j', (typed) => {
    expect(suggestEmail(typed)).toBeNull();
  });
});
