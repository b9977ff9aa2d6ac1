import type { Capabilities, Extension } from 'ts-mls';
import { SUITE_NAME } from './suite.js';

/** Our GroupContext extension: ConversationState under policy 1 (protocol §3). */
export const CONVERSATION_STATE = 0xf0a1;
/** Marks a KeyPackage of last resort (draft-ietf-mls-extensions). */
export const LAST_RESORT = 0x000a;

/** What every leaf of ours can do. */
export const capabilities: Capabilities = {
  versions: ['mls10'],
  ciphersuites: [SUITE_NAME],
  // Others refuse a KeyPackage whose own extensions its leaf doesn't list.
  extensions: [LAST_RESORT, CONVERSATION_STATE],
  proposals: [],
  credentials: ['basic'],
};

/** A later release may offer more; less is of no use here. */
export function suffices(offered: Capabilities): boolean {
  return (
    offered.versions.includes('mls10') &&
    offered.ciphersuites.includes(SUITE_NAME) &&
    offered.credentials.includes('basic') &&
    capabilities.extensions.every((type) => offered.extensions.includes(type))
  );
}

export const lastResortExtension: Extension = {
  extensionType: LAST_RESORT,
  extensionData: new Uint8Array(),
};

export function isLastResort(extensions: readonly Extension[]): boolean {
  return extensions.some((extension) => extension.extensionType === LAST_RESORT);
}
