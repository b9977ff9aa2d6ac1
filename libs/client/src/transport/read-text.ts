/** Above the largest answer of any operation: a Welcome of 3 MiB as base64url, and what stands beside it. */
const MOST_BYTES = 8 * 1024 * 1024;

/** An answer's text. Null: it is longer than any operation's; the rest of it isn't waited for. */
export async function readText({ body }: Response): Promise<string | null> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > MOST_BYTES) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
