import { beforeAll, describe, expect, test } from '@jest/globals';
import { checkKeyPackage, type ListedDevices } from '../src/index.js';
import { LAST_RESORT } from '../src/mls/capabilities.js';
import { oddPackage, type Oddity } from './odd-package.js';
import { deviceOf, human, makeDevice, NOW, packageOf, serverId, type Human } from './people.js';

/* A KeyPackage that a device has signed, and that is wrong all the same. */

let bob: Human;

beforeAll(async () => {
  bob = await human('bob');
});

async function check(keyPackage: Uint8Array, deviceList: ListedDevices = bob.list): Promise<string> {
  const verdict = await checkKeyPackage(keyPackage, { deviceList, serverId, now: NOW });
  return verdict.kind === 'ok' ? 'ok' : verdict.reason;
}

const extension = (extensionType: number, extensionData = new Uint8Array()) => ({
  extensionType,
  extensionData,
});
const begin = BigInt(NOW / 1000);

describe('a KeyPackage is refused', () => {
  test.each<[string, string, Oddity]>([
    ['ok', 'with nothing odd about it', {}],
    ['ok', 'that is good from this second on', { lifetime: { notBefore: begin, notAfter: begin + 1n } }],
    ['ok', 'of last resort', { extensions: [extension(LAST_RESORT)] }],
    [
      'suite',
      'of another suite',
      { change: () => ({ cipherSuite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519' }) },
    ],
    ['lifetime', 'that ends as it begins', { lifetime: { notBefore: begin, notAfter: begin } }],
    ['lifetime', 'that ends before it begins', { lifetime: { notBefore: begin, notAfter: begin - 1n } }],
    [
      'extensions',
      'that says twice that it is of last resort',
      { extensions: [extension(LAST_RESORT), extension(LAST_RESORT)] },
    ],
    [
      'extensions',
      'that says more than that it is of last resort',
      { extensions: [extension(LAST_RESORT, Uint8Array.of(1))] },
    ],
    ['capabilities', 'of a device that can’t do credentials', { capabilities: { credentials: [] } }],
    ['capabilities', 'of a device of no MLS version', { capabilities: { versions: [] } }],
    [
      'capabilities',
      'of a device of other suites only',
      { capabilities: { ciphersuites: ['MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519'] } },
    ],
    [
      'signature',
      'whose leaf was signed otherwise',
      {
        change: ({ leafNode }) => ({ leafNode: { ...leafNode, signature: new Uint8Array(64) } }),
      },
    ],
    [
      'malformed',
      'whose two keys are one: whoever has read the Welcome could read on',
      { change: ({ leafNode }) => ({ initKey: leafNode.hpkePublicKey }) },
    ],
    [
      'malformed',
      'with a key that is none',
      { change: () => ({ initKey: new Uint8Array(1216).fill(0xff) }) },
    ],
  ])('%s: %s', async (reason, _, odd) => {
    expect(await check((await oddPackage(deviceOf(bob), odd)).keyPackage)).toBe(reason);
  });

  test('device-unlisted: a listed id under another key, a listed key under another id', async () => {
    const own = deviceOf(bob);
    const { keyPackage } = await packageOf(own);
    const other = await makeDevice(bob.identitySeed, bob.userId);
    const listing = (deviceId: typeof own.deviceId, { signatureKey }: typeof own): ListedDevices => ({
      ...bob.list,
      devices: [{ deviceId, signatureKey: signatureKey.publicKey }],
    });
    expect(await check(keyPackage, listing(own.deviceId, own))).toBe('ok');
    expect(await check(keyPackage, listing(own.deviceId, other))).toBe('device-unlisted');
    expect(await check(keyPackage, listing(other.deviceId, own))).toBe('device-unlisted');
  });
});
