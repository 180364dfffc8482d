import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its private key, as PEM. */
export type Certificate = { cert: string; key: string };

/** Encodes a DER value (X.690): tag, length, content. */
function encodeDer(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from([body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, body]);
}

const encodeSequence = (...content: Uint8Array[]) => encodeDer(0x30, ...content);
const encodeOid = (hex: string) => encodeDer(0x06, Buffer.from(hex, 'hex'));
const encodeOctets = (content: Uint8Array) => encodeDer(0x04, content);
const encodeBits = (content: Uint8Array) => encodeDer(0x03, Buffer.from([0]), content);
const TRUE = encodeDer(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = encodeSequence(encodeOid('2a8648ce3d040302'));

const encodeName = (commonName: string) =>
  encodeSequence(
    encodeDer(0x31, encodeSequence(encodeOid('550403'), encodeDer(0x0c, Buffer.from(commonName)))),
  );
/** Encodes a GeneralizedTime, such as `20261124120000Z`. */
const encodeTime = (moment: Date) =>
  encodeDer(0x18, Buffer.from(`${moment.toISOString().replace(/\D/g, '').slice(0, 14)}Z`));

const CA_CONSTRAINT = encodeSequence(encodeOid('551d13'), TRUE, encodeOctets(encodeSequence(TRUE)));
function encodeAlternativeName(host: string): Buffer {
  const name = isIP(host)
    ? encodeDer(0x87, Buffer.from(host.split('.').map(Number)))
    : encodeDer(0x82, Buffer.from(host));
  return encodeSequence(encodeOid('551d11'), encodeOctets(encodeSequence(name)));
}

function encodePem(content: Buffer): string {
  const lines = content.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function issueCertificate(
  subject: string,
  extension: Buffer,
  issuer: { name: string; key?: KeyObject },
): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const day = 86_400_000;
  const content = encodeSequence(
    // The version: 2 stands for v3.
    encodeDer(0xa0, encodeDer(0x02, Buffer.from([2]))),
    // The serial number; the leading 1 keeps it positive.
    encodeDer(0x02, Buffer.from([1]), randomBytes(8)),
    ECDSA_WITH_SHA256,
    encodeName(issuer.name),
    encodeSequence(encodeTime(new Date(Date.now() - day)), encodeTime(new Date(Date.now() + day))),
    encodeName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    encodeDer(0xa3, encodeSequence(extension)),
  );
  const signature = sign('sha256', content, issuer.key ?? privateKey);
  return {
    cert: encodePem(encodeSequence(content, ECDSA_WITH_SHA256, encodeBits(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const AUTHORITY_NAME = 'A certificate authority for tests';

/** Creates a certificate authority for one test: valid for a day, with a minimal X.509 certificate (RFC 5280). */
export function createAuthority() {
  const authority = issueCertificate(AUTHORITY_NAME, CA_CONSTRAINT, { name: AUTHORITY_NAME });
  const key = createPrivateKey(authority.key);
  return {
    cert: authority.cert,
    /** Issues a certificate for a host name or an IPv4 address. */
    issue: (host: string) =>
      issueCertificate(host, encodeAlternativeName(host), { name: AUTHORITY_NAME, key }),
  };
}
