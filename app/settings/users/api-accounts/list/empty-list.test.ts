import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { EmptyList } from './empty-list.tsx';

const wordsFor = (action: string | false) => renderToStaticMarkup(createElement(EmptyList, { action }));

test('tells whoever may create an account that they do', () => {
  expect(wordsFor('New account')).toContain('You create an account');
  expect(wordsFor('New account')).toContain('You can reset or switch it off');
});

test('tells a viewer that an administrator does', () => {
  const words = wordsFor(false);
  expect(words).toContain('An administrator creates an account');
  expect(words).not.toMatch(/You (create|can)/);
});
