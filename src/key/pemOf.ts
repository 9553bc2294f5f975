import { FILE_NAME } from './fileName';

/**
 * The PEM in a text, as it was before an environment file or a secret store spelt it otherwise: in quotes, with its
 * line ends written as `\n`, indented, behind a byte order mark. Nothing else is repaired.
 */
export function pemOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('-----BEGIN')) return text;
  return text
    .replace(/(?:\\r)?\\n|\\r|\r\n?/g, '\n')
    .replace(/^[\s"'`\uFEFF]+|[\s"'`]+$/g, '')
    .replace(/[^\S\n]*\n[^\S\n]*/g, '\n');
}

/** Why a text that pemOf returned is no key of this kind, in words that complete "It cannot be read: ". */
export function whyUnreadable(pem: string, kind: 'public' | 'private'): string {
  const [, why] = REASONS.find(([pattern]) => pattern.test(pem)) ?? [];
  if (why !== undefined) return why;
  if (kind === 'private' && /-----BEGIN (?:RSA )?(?:PUBLIC KEY|CERTIFICATE)-----/.test(pem))
    return 'it is a public key or a certificate, and this must be a private key';
  return `it must be a ${kind} key in PEM ("-----BEGIN …") or a KeyObject`;
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m,
    'it is encrypted. Give createPrivateKey({ key, passphrase }) of node:crypto, or decrypt it with: openssl pkey -in FILE',
  ],
  [/-----BEGIN OPENSSH/, 'it is in the format of OpenSSH. Change that with: ssh-keygen -p -m PKCS8 -f FILE'],
  [
    /^(?:ssh-|ecdsa-sha2-)/,
    'it is in the format of OpenSSH. Change that with: ssh-keygen -e -m PKCS8 -f FILE',
  ],
  [
    /-----BEGIN [^\n]*-----[^\n]*[^\s-]/,
    'its line ends are lost. A PEM has several lines; write each line end as \\n',
  ],
  [/-----BEGIN(?![^]*-----END)/, 'it is a PEM that is cut short: its last line must be "-----END …"'],
  [FILE_NAME, 'it is the name of a file. Give what is in the file: readFileSync(name)'],
  [
    /^\s*\{/,
    "it is a JWK. Give createPublicKey or createPrivateKey({ key: jwk, format: 'jwk' }) of node:crypto",
  ],
  [
    /^(?:LS0tLS|\s*MII|\s*M[CEHFI][\w+/]+={0,2}\s*$)/,
    "it is in base64. Give the PEM, or decode it first: Buffer.from(text, 'base64')",
  ],
];
