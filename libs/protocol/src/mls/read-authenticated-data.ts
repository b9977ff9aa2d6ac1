import { commitInfo, type CommitInfo } from '../cbor/commit-info.js';
import { messageHeader, type MessageHeader } from '../cbor/message-header.js';
import {
  readPrivateMessageHeader,
  type MlsContentType,
  type PrivateMessageHeader,
} from './private-message-header.js';
import { MlsRefusal } from './refusal.js';

export interface ReadMessage {
  mls: PrivateMessageHeader;
  header: MessageHeader;
}

export interface ReadCommit {
  mls: PrivateMessageHeader;
  info: CommitInfo;
}

/** The message header of an application message. Throws `MlsRefusal` or `CborRefusal`, nothing else. */
export function readMessageHeader(message: Uint8Array): ReadMessage {
  const mls = readOf('application', message);
  return { mls, header: messageHeader.decode(mls.authenticatedData) };
}

/** The CommitInfo of a commit. Throws `MlsRefusal` or `CborRefusal`, nothing else. */
export function readCommitInfo(commit: Uint8Array): ReadCommit {
  const mls = readOf('commit', commit);
  return { mls, info: commitInfo.decode(mls.authenticatedData) };
}

function readOf(contentType: MlsContentType, message: Uint8Array): PrivateMessageHeader {
  const mls = readPrivateMessageHeader(message);
  if (mls.contentType !== contentType) throw new MlsRefusal('wrong-content-type');
  return mls;
}
