import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { ToastProvider } from '#components/toast.tsx';
import { DEFAULT_FILTER } from '#lib/api-accounts/list-filter.ts';
import type { AccountSummary } from '#lib/api-accounts/schema.ts';
import { SelectionBar } from './selection-bar.tsx';
import { toColumns } from './to-columns.ts';

describe('SelectionBar', () => {
  it('offers to select the first account, which is the new one and so not among the others', () => {
    const created = { id: '019a0000-0000-7000-8000-000000000001' } as AccountSummary;
    const html = renderToStaticMarkup(
      <ToastProvider>
        <SelectionBar
          filter={DEFAULT_FILTER}
          accounts={toColumns<AccountSummary>([])}
          created={created}
          total="1"
          hasOtherPages={false}
        />
      </ToastProvider>,
    );
    expect(html).toContain('Select all on this page');
    expect(html).not.toContain('checked');
  });
});
