import { AppRouterContext } from 'next/dist/shared/lib/app-router-context.shared-runtime.js';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { trackAction } from '../latest-action.ts';
import { PageError } from './page-error.tsx';

const EFFECT = { done: 'The account was created.', maybe: 'The account may have been created.' };
const OUTDATED = Object.assign(new Error('Loading chunk 1 failed'), { name: 'ChunkLoadError' });

const ROUTER = {} as React.ContextType<typeof AppRouterContext>;
const render = (error: Error) =>
  renderToStaticMarkup(
    <AppRouterContext value={ROUTER}>
      <PageError heading={null} subject="your API accounts" error={error} reset={() => {}} />
    </AppRouterContext>,
  );

it.each([
  ['a page that failed', new Error('failed')],
  ['a page that is older than the server', OUTDATED],
])('says on %s what the latest action changed', async (_, error) => {
  await trackAction(EFFECT, async () => ({ ok: false }));
  expect(render(error)).not.toContain(EFFECT.done);
  await trackAction(EFFECT, async () => ({ ok: true }));
  const text = render(error);
  expect(text).toContain(EFFECT.done);
  expect(text).not.toContain('Nothing was changed');
});
