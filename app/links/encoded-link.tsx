'use client';
import { useEffect } from 'react';
import { restoreFragment } from './restore-fragment.ts';

/** Opens the page of a link whose `#` a mail program has encoded, so that the server found no page. */
export function EncodedLink() {
  useEffect(() => {
    const path = restoreFragment(window.location.pathname);
    if (path) window.location.replace(path);
  }, []);
  return null;
}
