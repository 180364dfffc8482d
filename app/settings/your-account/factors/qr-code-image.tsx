import type { QrCode } from '#lib/identity/mfa/totp-qr.ts';

/** The quiet zone that readers want around a code, in modules (ISO/IEC 18004). */
const QUIET = 4;

/** A QR code, black on white by day and by night: many readers do not know the other way round. */
export function QrCodeImage({ qrCode: { size, path } }: { qrCode: QrCode }) {
  const whole = size + 2 * QUIET;
  return (
    <svg
      role="img"
      aria-label="QR code for the authenticator app"
      viewBox={`${-QUIET} ${-QUIET} ${whole} ${whole}`}
      shapeRendering="crispEdges"
      className="size-48 justify-self-center rounded-md border border-line"
    >
      <rect x={-QUIET} y={-QUIET} width={whole} height={whole} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
