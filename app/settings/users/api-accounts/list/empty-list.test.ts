import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { EmptyList } from './empty-list.tsx';

const render = (action: string | false) => renderToStaticMarkup(createElement(EmptyList, { action }));

describe('EmptyList', () => {
  it('explains to administrators that they create accounts', () => {
    expect(render('New account')).toContain('You create an account');
    expect(render('New account')).toContain('You can reset it or turn it off');
  });

  it('explains to viewers that an administrator creates accounts', () => {
    const html = render(false);
    expect(html).toContain('An administrator creates an account');
    expect(html).not.toMatch(/You (create|can)/);
  });
});
