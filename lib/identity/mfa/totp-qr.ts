import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';

/** A QR code as the path of an SVG: black modules of 1 by 1 in a square of `size`, without the quiet zone around it. */
export type QrCode = { size: number; path: string };

/** Draws a text as a QR code. */
export function drawQrCode(text: string): QrCode {
  const code = generate(text);
  return { size: code.size, path: toSvgPath(code) };
}
