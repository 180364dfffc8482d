import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';

/** A QR code as an SVG path: black modules of 1 by 1 in a square of `size`, without the quiet zone around it. */
export type QrCode = { size: number; path: string };

export function drawQrCode(text: string): QrCode {
  const code = generate(text);
  return { size: code.size, path: toSvgPath(code) };
}
