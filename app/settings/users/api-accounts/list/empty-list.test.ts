import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, test } from 'vitest';
import { EmptyList } from './empty-list.tsx';

const render = (action: string | false) => renderToStaticMarkup(createElement(EmptyList, { action }));

describe('EmptyList', () => {
  test('addresses an administrator as the one who creates accounts', () => {
    expect(render('New account')).toContain('You create an account');
    expect(render('New account')).toContain('You can reset it or turn it off');
  });

  test('shows a viewer that an administrator creates accounts', () => {
    const html = render(false);
    expect(html).toContain('An administrator creates an account');
    expect(html).not.toMatch(/You (create|can)/);
  });
});
