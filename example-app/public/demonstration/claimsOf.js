/** The claims of a token, unverified: anyone who has it can read them. */
export function claimsOf(token) {
  return JSON.parse(new TextDecoder().decode(bytesOf(token.split('.')[1])));
}

/** What an attacker makes of a token: other claims under the same signature. */
export function tampered(token, claims) {
  const [header, , signature] = token.split('.');
  const payload = textOf({ ...claimsOf(token), ...claims });
  return [header, payload, signature].join('.');
}

function bytesOf(base64url) {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function textOf(claims) {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
