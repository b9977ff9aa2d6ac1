import type { Route } from '@wisp/service-kit';
import type { AccessTokenParts } from '../domain/access-token.js';
import type { Accounts, DeviceLists, Vaults } from '../domain/account.js';
import type { Announcer } from '../domain/announcer.js';
import type { AuthKeyHasher } from '../domain/auth-key-hasher.js';
import type { Membership } from '../domain/claim-key-packages.js';
import type { KeyPackages } from '../domain/key-package.js';
import type { RefreshTokens } from '../domain/refresh-token.js';
import type { Sessions } from '../domain/session.js';
import type { Allowances } from '../allowances.js';
import { changePasswordRoute } from './change-password.js';
import { checkUsernameRoute } from './check-username.js';
import { claimKeyPackagesRoute } from './claim-key-packages.js';
import { countKeyPackagesRoute } from './count-key-packages.js';
import { createAccountRoute } from './create-account.js';
import { createSessionRoute } from './create-session.js';
import { deleteAccountRoute } from './delete-account.js';
import { endSessionRoute } from './end-session.js';
import { findUserRoute } from './find-user.js';
import { getDeviceListsRoute } from './get-device-lists.js';
import { getJwksRoute } from './get-jwks.js';
import { getParametersRoute } from './get-parameters.js';
import { getVaultRoute } from './get-vault.js';
import { listSessionsRoute } from './list-sessions.js';
import { publishDeviceListRoute } from './publish-device-list.js';
import { putVaultRoute } from './put-vault.js';
import type { CookieSettings } from './refresh-cookie.js';
import { refreshSessionRoute } from './refresh-session.js';
import { uploadKeyPackagesRoute } from './upload-key-packages.js';

/** What the operations are made of, once each. */
export interface Parts {
  accounts: Accounts;
  sessions: Sessions;
  vaults: Vaults;
  deviceLists: DeviceLists;
  keyPackages: KeyPackages;
  hasher: AuthKeyHasher;
  accessTokens: AccessTokenParts;
  refreshTokens: RefreshTokens;
  announcer: Announcer;
  membership: Membership;
  allowances: Allowances;
  saltKey: Uint8Array;
  cookies: CookieSettings;
  realtimeUrl: string;
  /** ms since 1970. */
  now: () => number;
}

export function createRoutes(parts: Parts): Route[] {
  const { accounts, sessions, deviceLists, hasher, announcer, cookies, accessTokens, refreshTokens } = parts;
  const { guesses, lookups, registrations, refreshes, searches, uploads, claims } = parts.allowances;
  const { serverId, signingKeys } = accessTokens;
  const secrets = { accounts, hasher, guesses };
  const answers = { accessTokens, refreshTokens, cookies, realtimeUrl: parts.realtimeUrl };
  const registration = { ...secrets, sessions, deviceLists, refreshTokens, serverId };
  const passwordChange = { ...secrets, deviceLists, vaults: parts.vaults };
  return [
    getParametersRoute({ serverId, saltKey: parts.saltKey, lookups }),
    checkUsernameRoute({ accounts, lookups }),
    createAccountRoute({ registration, registrations, answers, announcer }),
    createSessionRoute({ signIns: { ...secrets, sessions, refreshTokens }, answers, announcer }),
    refreshSessionRoute({ sessions, answers, announcer, refreshes }),
    listSessionsRoute(parts),
    endSessionRoute(parts),
    changePasswordRoute({ passwordChange, announcer }),
    getVaultRoute(parts),
    putVaultRoute(parts),
    deleteAccountRoute({ secrets, announcer, cookies }),
    getJwksRoute({ signingKeys }),
    findUserRoute({ accounts, deviceLists, searches }),
    getDeviceListsRoute(parts),
    publishDeviceListRoute({ secrets, deviceLists, announcer }),
    uploadKeyPackagesRoute({ keyPackages: parts.keyPackages, uploads, now: parts.now }),
    countKeyPackagesRoute(parts),
    claimKeyPackagesRoute({ keyPackages: parts.keyPackages, membership: parts.membership, claims }),
  ];
}
