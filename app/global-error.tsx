'use client';
import ErrorPage from './error.tsx';
import './globals.css';

/** Replaces the whole document if the root layout fails. */
export default function GlobalErrorPage(props: { error: Error }) {
  return (
    <html lang="en-GB">
      <body>
        <title>Something went wrong · Stagedoor</title>
        <ErrorPage {...props} />
      </body>
    </html>
  );
}
