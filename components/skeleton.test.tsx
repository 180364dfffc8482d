import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Skeleton, SkeletonField } from './skeleton.tsx';

const shapes = <SkeletonField label="Username" description="Half of a credential." />;

describe('Skeleton', () => {
  it('announces once that it loads, outside the busy region, and hides its shapes', () => {
    const markup = renderToStaticMarkup(<Skeleton>{shapes}</Skeleton>);
    expect(markup).toMatch(/^<p role="status" class="sr-only">Loading…<\/p><div aria-busy="true">/);
    expect(markup.match(/role="status"/g)).toHaveLength(1);
    expect(markup.split('Loading…').pop()).toMatch(
      /^<\/p><div aria-busy="true"><div aria-hidden="true" inert/,
    );
  });

  it('is not announced as a part of a page that is', () => {
    const markup = renderToStaticMarkup(<Skeleton isPart>{shapes}</Skeleton>);
    expect(markup).toContain('<p class="sr-only">Loading…</p>');
    expect(markup).not.toContain('role="status"');
  });

  it('moves only for users who have not asked for reduced motion', () => {
    const classes = renderToStaticMarkup(<Skeleton>{shapes}</Skeleton>).match(/[\w:-]*animate-[\w-]+/g);
    expect(classes).toEqual(['motion-safe:animate-pulse']);
  });
});
