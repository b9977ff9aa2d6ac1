/** SHA-256 (FIPS 180-4) by WebCrypto: entries of the log are named by it. */
export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource));
}
