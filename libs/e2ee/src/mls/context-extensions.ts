import { encodeRequiredCapabilities, type Extension } from 'ts-mls';
import { CborRefusal, conversationState, equalBytes, type ConversationState } from '@wisp/protocol';
import { CONVERSATION_STATE } from './capabilities.js';

const requiredCapabilities: Extension = {
  extensionType: 'required_capabilities',
  extensionData: encodeRequiredCapabilities({
    extensionTypes: [CONVERSATION_STATE],
    proposalTypes: [],
    credentialTypes: ['basic'],
  }),
};

/** The GroupContext's extensions: exactly these two, in this order (protocol §3). */
export function contextExtensions(state: ConversationState): Extension[] {
  return [
    requiredCapabilities,
    { extensionType: CONVERSATION_STATE, extensionData: conversationState.encode(state) },
  ];
}

export type ContextReading =
  | { readonly kind: 'ok'; readonly state: ConversationState }
  | { readonly kind: 'refused'; readonly reason: 'extensions' | 'state-malformed' };

/** The state in a GroupContext whose list is exact; anything missing, foreign, doubled or moved is refused. */
export function readContextExtensions(extensions: readonly Extension[]): ContextReading {
  const [required, own, ...more] = extensions;
  const exact =
    more.length === 0 &&
    required?.extensionType === requiredCapabilities.extensionType &&
    equalBytes(required.extensionData, requiredCapabilities.extensionData) &&
    own?.extensionType === CONVERSATION_STATE;
  if (!exact) return { kind: 'refused', reason: 'extensions' };
  try {
    return { kind: 'ok', state: conversationState.decode(own.extensionData) };
  } catch (error) {
    if (error instanceof CborRefusal) return { kind: 'refused', reason: 'state-malformed' };
    throw error;
  }
}
