import { PassThrough } from 'node:stream';
import { renderToPipeableStream, renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { SkeletonIfSlow } from './skeleton-if-slow.tsx';

const skeleton = <p>Loading…</p>;

describe('SkeletonIfSlow', () => {
  it('shows content that is ready soon without a skeleton', async () => {
    const element = await SkeletonIfSlow({ content: Promise.resolve(<p>Users</p>), skeleton });
    // Without the comments of a boundary, in which React would make it usable last.
    expect(renderToStaticMarkup(element)).toBe('<p>Users</p>');
  });

  it('shows the skeleton until slow content arrives', async () => {
    const { promise: content, resolve } = Promise.withResolvers<React.JSX.Element>();
    const element = await SkeletonIfSlow({ content, skeleton, patienceMs: 0 });
    const output = new PassThrough({ encoding: 'utf8' });
    const { pipe } = renderToPipeableStream(<main>{element}</main>, { onShellReady: () => pipe(output) });
    let html = '';
    for await (const chunk of output) {
      if (html === '') expect(chunk).toMatch(/^(?!.*Users).*Loading…/);
      html += chunk;
      resolve(<p>Users</p>);
    }
    expect(html).toContain('<p>Users</p>');
  });

  it('throws if the content fails soon, so that the page responds with an error', async () => {
    const content = Promise.reject(new Error('The database is unavailable'));
    await expect(SkeletonIfSlow({ content, skeleton })).rejects.toThrow('The database is unavailable');
  });
});
