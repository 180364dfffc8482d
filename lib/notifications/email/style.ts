import type { CSSProperties } from 'react';

/**
 * The light theme of `app/globals.css` in hexadecimal, because mail clients do not support `oklch()` or variables.
 * Styles are inline, because some mail clients remove style sheets.
 */
const LIGHT = {
  canvas: '#f8f8fb',
  surface: '#ffffff',
  sunken: '#f3f3f7',
  line: '#e1e1e7',
  ink: '#1a1a2a',
  muted: '#5d5d6e',
  primary: '#252343',
  onPrimary: '#fdfcf9',
  accent: '#f2ad3a',
};

const DARK = {
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

const paragraph: CSSProperties = { margin: '0 0 16px', fontSize: 15, lineHeight: '24px', color: LIGHT.ink };
const small: CSSProperties = { margin: '0 0 8px', fontSize: 13, lineHeight: '20px', color: LIGHT.muted };

export const style = {
  page: { margin: 0, padding: '24px 12px', backgroundColor: LIGHT.canvas, fontFamily: sans },
  card: {
    maxWidth: 560,
    backgroundColor: LIGHT.surface,
    border: `1px solid ${LIGHT.line}`,
    borderTop: `4px solid ${LIGHT.accent}`,
    borderRadius: 12,
  },
  inside: { padding: '28px 32px 12px' },
  organisation: { margin: '0 0 12px', fontSize: 14, lineHeight: '20px', fontWeight: 600, color: LIGHT.muted },
  heading: { margin: '0 0 16px', fontSize: 26, lineHeight: '34px', fontWeight: 650, color: LIGHT.ink },
  paragraph,
  small,
  title: { color: LIGHT.ink },
  buttonSection: { padding: '8px 0 24px' },
  button: {
    padding: '14px 24px',
    borderRadius: 8,
    backgroundColor: LIGHT.primary,
    color: LIGHT.onPrimary,
    fontSize: 15,
    fontWeight: 600,
  },
  linkRow: { marginBottom: 24 },
  linkCell: { padding: '10px 14px', borderRadius: 8, backgroundColor: LIGHT.sunken },
  link: {
    color: LIGHT.ink,
    fontFamily: mono,
    fontSize: 13,
    lineHeight: '20px',
    textDecoration: 'underline',
    wordBreak: 'break-all',
  },
  warnings: { padding: '20px 32px 12px', borderTop: `1px solid ${LIGHT.line}` },
} satisfies Record<string, CSSProperties>;

/**
 * React Email sets the page's colour on the body and on a cell inside it, because some mail clients remove the body.
 */
const darkStyles = `
  .page, .page > table > tbody > tr > td { background-color: ${DARK.canvas} !important; }
  .card { background-color: ${DARK.surface} !important; border-color: ${DARK.line} !important; border-top-color: ${LIGHT.accent} !important; }
  .ink { color: ${DARK.ink} !important; }
  .muted { color: ${DARK.muted} !important; }
  .button { background-color: ${DARK.primary} !important; color: ${DARK.onPrimary} !important; }
  .sunken { background-color: ${DARK.sunken} !important; }
  .rule { border-color: ${DARK.line} !important; }
`;

/** Styles for dark mode and narrow screens. Without `color-scheme`, Apple Mail would invert the colours itself. */
export const styleSheet = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {${darkStyles}}
@media (max-width: 480px) {
  .inside { padding-left: 20px !important; padding-right: 20px !important; }
  .button { display: block !important; text-align: center !important; }
}
`;
