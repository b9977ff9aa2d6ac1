import sodium from 'libsodium-wrappers-sumo';

/** libsodium, once its WebAssembly is there. */
export async function loadSodium(): Promise<typeof sodium> {
  await sodium.ready;
  return sodium;
}
