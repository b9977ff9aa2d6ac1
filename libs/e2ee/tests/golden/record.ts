import { encodeBase64url } from '@wisp/protocol';
import { forge, type Forgery } from '../forge.js';
import type { Place, World } from '../world.js';
import { replay, storeObserver, type Scene } from './corpus.js';

/** Takes down commits as one observer sees them; the verdict is the one that the author of the scene expects. */
export interface Recorder {
  /** `expected` is `applied`, `removed`, or a kind and a reason. */
  put(expected: string, name: string, bytes: Uint8Array): Promise<void>;
  forged(expected: string, name: string, forgery: Forgery & { readonly by: Place }): Promise<void>;
  readonly scene: Scene;
}

export function startRecording(world: World, observer: Place): Recorder {
  const scene: Scene = {
    observer: storeObserver(observer.session),
    newestCommitSeq: world.newestCommitSeq,
    commits: [],
  };
  const put: Recorder['put'] = async (expected, name, bytes) => {
    const encoded = encodeBase64url(bytes);
    const verdict = await replay(scene, encoded);
    const found = [verdict.kind, verdict.reason].filter((part) => part !== undefined).join(' ');
    if (found !== expected) throw new Error(`${name}: expected ${expected}, found ${found}`);
    scene.commits.push({ name, verdict, bytes: encoded });
  };
  return {
    put,
    forged: async (expected, name, { by, ...forgery }) =>
      put(expected, name, (await forge(world, by.session, forgery)).bytes),
    scene,
  };
}
