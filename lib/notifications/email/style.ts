import type { CSSProperties } from 'react';

/**
 * The tokens of `app/globals.css` by day, as mail programs know no `oklch()` and no variables. They stand at the
 * elements themselves, for the programs that drop a style sheet.
 */
const DAY = {
  canvas: '#f8f8fb',
  surface: '#ffffff',
  sunken: '#f3f3f7',
  line: '#e1e1e7',
  ink: '#1a1a2a',
  muted: '#5d5d6e',
  primary: '#252343',
  onPrimary: '#fdfcf9',
  lamp: '#f2ad3a',
};

const NIGHT = {
  canvas: '#10101a',
  surface: '#191924',
  sunken: '#20202c',
  line: '#2e2e3b',
  ink: '#eff0f4',
  muted: '#a8a8b4',
  primary: '#f2b752',
  onPrimary: '#251603',
};

const sans = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
const mono = "ui-monospace, 'SF Mono', Menlo, Consolas, monospace";

const paragraph: CSSProperties = { margin: '0 0 16px', fontSize: 15, lineHeight: '24px', color: DAY.ink };
const small: CSSProperties = { margin: '0 0 8px', fontSize: 13, lineHeight: '20px', color: DAY.muted };

export const style = {
  page: { margin: 0, padding: '24px 12px', backgroundColor: DAY.canvas, fontFamily: sans },
  card: {
    maxWidth: 560,
    backgroundColor: DAY.surface,
    border: `1px solid ${DAY.line}`,
    borderTop: `4px solid ${DAY.lamp}`,
    borderRadius: 12,
  },
  inside: { padding: '28px 32px 12px' },
  organisation: { margin: '0 0 12px', fontSize: 14, lineHeight: '20px', fontWeight: 600, color: DAY.muted },
  heading: { margin: '0 0 16px', fontSize: 26, lineHeight: '34px', fontWeight: 650, color: DAY.ink },
  paragraph,
  small,
  title: { color: DAY.ink },
  action: { padding: '8px 0 24px' },
  button: {
    padding: '14px 24px',
    borderRadius: 8,
    backgroundColor: DAY.primary,
    color: DAY.onPrimary,
    fontSize: 15,
    fontWeight: 600,
  },
  space: { marginBottom: 24 },
  address: { padding: '10px 14px', borderRadius: 8, backgroundColor: DAY.sunken },
  link: {
    color: DAY.ink,
    fontFamily: mono,
    fontSize: 13,
    lineHeight: '20px',
    textDecoration: 'underline',
    wordBreak: 'break-all',
  },
  warnings: { padding: '20px 32px 12px', borderTop: `1px solid ${DAY.line}` },
} satisfies Record<string, CSSProperties>;

/** React Email paints the page's colour on the body and on the cell inside it, for programs that drop the body. */
const night = `
  .page, .page > table > tbody > tr > td { background-color: ${NIGHT.canvas} !important; }
  .card { background-color: ${NIGHT.surface} !important; border-color: ${NIGHT.line} !important; border-top-color: ${DAY.lamp} !important; }
  .ink { color: ${NIGHT.ink} !important; }
  .muted { color: ${NIGHT.muted} !important; }
  .button { background-color: ${NIGHT.primary} !important; color: ${NIGHT.onPrimary} !important; }
  .sunken { background-color: ${NIGHT.sunken} !important; }
  .rule { border-color: ${NIGHT.line} !important; }
`;

/** For a dark screen, and for a narrow one. Without `color-scheme`, Apple's Mail would invert the colours itself. */
export const styleSheet = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {${night}}
@media (max-width: 480px) {
  .inside { padding-left: 20px !important; padding-right: 20px !important; }
  .button { display: block !important; text-align: center !important; }
}
`;
