import type { AuthenticationService, ClientConfig, KeyRetentionConfig } from 'ts-mls';
import { defaultKeyPackageEqualityConfig } from 'ts-mls/keyPackageEqualityConfig.js';
import type { ServerId } from '@wisp/protocol';
import { verifyDeviceCertificate } from '../identity/device-certificate.js';
import { SUITE } from './suite.js';

/** Skipped keys are dropped and two past epochs kept (protocol §5). */
export const keyRetention: KeyRetentionConfig = {
  retainKeysForGenerations: 0,
  retainKeysForEpochs: 2,
  maximumForwardRatchetSteps: 1000,
};

/** A KeyPackage is good for 30 days at most, in seconds. */
export const MAX_LIFETIME_SECONDS = 2_592_000n;

/** What ts-mls is to do on this server. It isn't part of a stored state: attach it again. */
export function clientConfigOf(serverId: ServerId): ClientConfig {
  return {
    keyRetentionConfig: keyRetention,
    // A leaf may be older than its KeyPackage's lifetime by the time that somebody joins.
    lifetimeConfig: { maximumTotalLifetime: MAX_LIFETIME_SECONDS, validateLifetimeOnReceive: false },
    keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
    // Bodies come padded to their buckets; the library's own padding ends at 256 bytes.
    paddingConfig: { kind: 'padUntilLength', padUntilLength: 0 },
    authService: authenticationOn(serverId),
  };
}

/** RFC 9420 §5.3.1: credential, signature key and account hang together by the device certificate (protocol §2). */
function authenticationOn(serverId: ServerId): AuthenticationService {
  return {
    validateCredential: async (credential, leafSignatureKey) => {
      if (credential.credentialType !== 'basic') return false;
      const verdict = await verifyDeviceCertificate(credential.identity, {
        serverId,
        leafSignatureKey,
        suite: SUITE,
      });
      return verdict.kind === 'ok';
    },
  };
}
