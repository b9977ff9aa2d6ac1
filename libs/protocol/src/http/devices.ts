import { z } from 'zod';
import { bytesText, fixedBytesText } from '../bytes.js';
import { conversationId, deviceId, timestamp, userId, username } from '../ids.js';
import { limits } from '../limits.js';
import { freshProof } from './accounts.js';
import { httpOperation } from './operation.js';

const deviceListBytes = bytesText(limits.deviceListBytes, 1);
const claimId = z.uuid();

/** KeyPackageRef (RFC 9420 §5.2) under the suite's SHA-384: 48 bytes. */
export const keyPackageRef = fixedBytesText(48);

export const findUser = httpOperation({
  name: 'findUser',
  summary: 'Looks a username up, letter for letter.',
  method: 'GET',
  path: '/api/auth/users',
  auth: 'account',
  query: z.strictObject({ username }),
  status: 200,
  /** The newest device list: the client checks the user id against the key in it. */
  response: z.object({ userId, username, deviceList: deviceListBytes }),
  problems: ['not-found'],
});

export const getDeviceLists = httpOperation({
  name: 'getDeviceLists',
  summary: "A user's device lists after a version, in order.",
  method: 'GET',
  path: '/api/auth/users/:id/device-lists',
  auth: 'account',
  params: z.strictObject({ id: userId }),
  query: z.strictObject({ after: z.coerce.number().int().min(0).default(0) }),
  status: 200,
  response: z.object({
    userId,
    /** True once the account was deleted: by the server's word. */
    deleted: z.boolean(),
    newest: z.int(),
    deviceLists: z.array(deviceListBytes),
  }),
  problems: ['not-found'],
});

export const publishDeviceList = httpOperation({
  name: 'publishDeviceList',
  summary: 'Stores the next version of the own device list.',
  method: 'POST',
  path: '/api/auth/device-lists',
  auth: 'account',
  body: z.strictObject({ proof: freshProof, deviceList: deviceListBytes }),
  status: 204,
  problems: ['wrong-credentials', 'list-conflict'],
});

const keyPackage = z.strictObject({
  ref: keyPackageRef,
  keyPackage: bytesText(limits.keyPackageBytes, 1),
  notAfter: timestamp,
});

export const uploadKeyPackages = httpOperation({
  name: 'uploadKeyPackages',
  summary: "Adds one-time KeyPackages of the token's device and, where given, replaces its last-resort one.",
  method: 'PUT',
  path: '/api/auth/key-packages',
  auth: 'device',
  body: z.strictObject({
    keyPackages: z.array(keyPackage).max(limits.keyPackagesPerUpload),
    lastResort: keyPackage.optional(),
  }),
  bodyBytes: 1_200_000,
  status: 200,
  response: z.object({ count: z.int() }),
  problems: ['device-not-listed'],
});

export const countKeyPackages = httpOperation({
  name: 'countKeyPackages',
  summary: "How many unclaimed one-time KeyPackages the token's device has.",
  method: 'GET',
  path: '/api/auth/key-packages/count',
  auth: 'device',
  status: 200,
  response: z.object({ count: z.int(), lastResort: z.boolean() }),
  problems: [],
});

export const claimKeyPackages = httpOperation({
  name: 'claimKeyPackages',
  summary:
    'Claims a KeyPackage of each device of a user for a conversation; the same claimId gets the same answer.',
  method: 'POST',
  path: '/api/auth/users/:id/key-packages/claims',
  auth: 'device',
  params: z.strictObject({ id: userId }),
  body: z.strictObject({ claimId, conversationId }),
  status: 201,
  response: z.object({
    deviceList: deviceListBytes,
    packages: z.array(
      z.object({
        deviceId,
        ref: keyPackageRef,
        keyPackage: bytesText(limits.keyPackageBytes, 1),
        lastResort: z.boolean(),
      }),
    ),
  }),
  problems: ['not-found', 'forbidden', 'no-key-packages'],
});
