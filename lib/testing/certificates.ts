import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its private key, as PEM. */
export type Certificate = { cert: string; key: string };

/** Encodes a DER value (X.690): tag, length, content. */
function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from([body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, body]);
}

const sequence = (...content: Uint8Array[]) => der(0x30, ...content);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const octets = (content: Uint8Array) => der(0x04, content);
const bits = (content: Uint8Array) => der(0x03, Buffer.from([0]), content);
const TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

const nameOf = (commonName: string) =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));
/** Encodes a GeneralizedTime, such as `20261124120000Z`. */
const time = (moment: Date) =>
  der(0x18, Buffer.from(`${moment.toISOString().replace(/\D/g, '').slice(0, 14)}Z`));

const caConstraint = sequence(oid('551d13'), TRUE, octets(sequence(TRUE)));
function alternativeName(host: string): Buffer {
  const name = isIP(host)
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host));
  return sequence(oid('551d11'), octets(sequence(name)));
}

function pem(content: Buffer): string {
  const lines = content.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function certify(subject: string, extension: Buffer, issuer: { name: string; key?: KeyObject }): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const day = 86_400_000;
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    // The serial number; the leading 1 keeps it positive.
    der(0x02, Buffer.from([1]), randomBytes(8)),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day))),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = sign('sha256', content, issuer.key ?? privateKey);
  return {
    cert: pem(sequence(content, ECDSA_WITH_SHA256, bits(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const AUTHORITY = 'A certificate authority for tests';

/** Creates a certificate authority for one test, valid for a day, with minimal X.509 (RFC 5280) contents. */
export function createAuthority() {
  const authority = certify(AUTHORITY, caConstraint, { name: AUTHORITY });
  const key = createPrivateKey(authority.key);
  return {
    cert: authority.cert,
    /** Issues a certificate for a host name or an IPv4 address. */
    issue: (host: string) => certify(host, alternativeName(host), { name: AUTHORITY, key }),
  };
}
