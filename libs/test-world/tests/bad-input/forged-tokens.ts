import { createHmac, generateKeyPairSync, sign } from 'node:crypto';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function readPart(text: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(text ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/** Access tokens that look like a real one and aren't: named by what is wrong with them. */
export function forgedTokens(real: string): [string, string][] {
  const [head, payload, signature] = real.split('.');
  const header = readPart(head);
  const claims = readPart(payload);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const byAnotherKey = (more: Record<string, unknown>, changed: Record<string, unknown> = {}) => {
    const text = `${part({ ...header, ...changed })}.${part({ ...claims, ...more })}`;
    const key = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  };
  const unsigned = `${part({ ...header, alg: 'none' })}.${payload}.`;
  const symmetric = `${part({ ...header, alg: 'HS256' })}.${payload}`;
  const past = { iat: 1_600_000_000, exp: 1_600_000_600 };
  return [
    ['garbage', 'x'],
    ['two dots', '..'],
    ['far too long', 'x'.repeat(6000)],
    ['JSON that is no object', `${part(null)}.${part(1)}.AAAA`],
    ['by another key', byAnotherKey({})],
    ['by another key under a name of its own', byAnotherKey({}, { kid: 'another' })],
    ['by a key that it brings along', byAnotherKey({}, { jwk: { kty: 'EC' }, jku: 'http://127.0.0.1:1/' })],
    ['expired', byAnotherKey(past)],
    ['for ever', byAnotherKey({ exp: 99_999_999_999 })],
    ['of another audience', byAnotherKey({ aud: 'other' })],
    ['of another server', byAnotherKey({ iss: '00000000-0000-4000-8000-000000000001' })],
    ['of somebody else', `${head}.${part({ ...claims, sub: 'A'.repeat(43) })}.${signature}`],
    [
      'with its life prolonged',
      `${head}.${part({ ...claims, exp: Number(claims['exp']) + 600 })}.${signature}`,
    ],
    ['unsigned', unsigned],
    [
      'symmetric',
      `${symmetric}.${createHmac('sha256', String(header['kid'])).update(symmetric).digest('base64url')}`,
    ],
    ['with a turned signature', `${head}.${payload}.${turn(signature ?? '')}`],
    ['without its signature', `${head}.${payload}.`],
  ];
}

function turn(text: string): string {
  return (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
}
