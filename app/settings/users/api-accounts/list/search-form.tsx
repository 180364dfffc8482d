'use client';
import { Search, X } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, type RefObject, useEffect, useRef, useTransition } from 'react';
import { Button } from '#components/button.tsx';
import { classNames } from '#components/class-names.ts';
import type { AccountFilter } from '#lib/api-accounts/list-filter.ts';
import { API_ACCOUNTS_PATH, buildAccountsHref } from './accounts-query.ts';
import { useSearchShortcut } from './use-search-shortcut.ts';

/** How long the administrator must have stopped typing before the search begins. */
const TYPING_PAUSE_MS = 250;

/**
 * Searches while the administrator types. The first search after the field got the focus adds an entry to the browser's
 * history, and the next ones replace it, so that *Back* leads to the list as it was before.
 */
function useTypedSearch(input: RefObject<HTMLInputElement | null>, { search, ...others }: AccountFilter) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** What was searched last. */
  const requested = useRef(search);
  const isTyping = useRef(false);
  const isOwn = useRef(false);

  // Sets the field from the URL after *Back* or a link, but not after a search from this field: more may be typed by then.
  useEffect(() => {
    if (pending) return;
    if (isOwn.current) {
      isOwn.current = false;
      return;
    }
    requested.current = search;
    if (input.current && input.current.value.trim() !== search) input.current.value = search;
  }, [search, pending, input]);
  useEffect(() => () => clearTimeout(timer.current), []);

  function searchNow() {
    clearTimeout(timer.current);
    const typed = input.current?.value.trim() ?? '';
    if (typed === requested.current) return;
    requested.current = typed;
    isOwn.current = true;
    const href = buildAccountsHref({ filter: { ...others, search: typed } });
    const navigate = isTyping.current ? router.replace : router.push;
    isTyping.current = true;
    startTransition(() => navigate(href, { scroll: false }));
  }

  function searchSoon() {
    clearTimeout(timer.current);
    timer.current = setTimeout(searchNow, TYPING_PAUSE_MS);
  }

  function endTyping() {
    isTyping.current = false;
  }

  return { searchNow, searchSoon, endTyping, pending };
}

/**
 * Searches through the URL, so that *Back* and bookmarks restore the same list. Keeps the tab and the order. The key `/`
 * focuses the field.
 */
export function SearchForm({ filter }: { filter: AccountFilter }) {
  const { search, ...others } = filter;
  const input = useRef<HTMLInputElement>(null);
  const { searchNow, searchSoon, endTyping, pending } = useTypedSearch(input, filter);
  useSearchShortcut(input);

  function submit(event: FormEvent) {
    event.preventDefault();
    searchNow();
    endTyping();
  }

  /** Empties the field, which then has the focus, because the link disappears. */
  function clear() {
    if (!input.current) return;
    input.current.value = '';
    input.current.focus();
  }

  return (
    <search className="min-w-0 flex-1 basis-full sm:max-w-md sm:basis-72">
      <form action={API_ACCOUNTS_PATH} onSubmit={submit} className="flex gap-2">
        <div className="relative min-w-0 flex-1">
          <Search
            aria-hidden="true"
            className="pointer-events-none absolute start-3 top-3 size-4 text-muted"
          />
          <input
            ref={input}
            type="search"
            name="search"
            aria-label="Search API accounts"
            aria-keyshortcuts="/"
            placeholder="Name, email or phone"
            defaultValue={search}
            onChange={searchSoon}
            onBlur={endTyping}
            maxLength={200}
            autoComplete="off"
            className={classNames(
              'peer field ps-9 [&::-webkit-search-cancel-button]:hidden',
              search ? 'pe-10' : 'sm:pe-10',
            )}
          />
          {search ? (
            <Link
              href={buildAccountsHref({ filter: others })}
              aria-label="Clear search"
              onClick={clear}
              className="absolute end-1 top-1 grid size-8 place-items-center rounded-sm text-muted hover:text-ink"
            >
              <X aria-hidden="true" className="size-4" />
            </Link>
          ) : (
            <span
              aria-hidden="true"
              className="pointer-events-none absolute end-2.5 top-2.5 rounded-sm border border-line px-1.5 font-sans text-muted text-xs peer-focus:hidden max-sm:hidden pointer-coarse:hidden"
            >
              /
            </span>
          )}
        </div>
        <Button type="submit" className="min-h-10 sm:min-h-10" pending={pending}>
          Search
        </Button>
      </form>
    </search>
  );
}
