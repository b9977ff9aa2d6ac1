/** Every time in a view is the server's, so every comparison with "now" goes by the server's clock. */
let skew = 0;

export function setServerSkew(milliseconds: number): void {
  skew = milliseconds;
}

/** The server's time in ms, as far as this device knows it. */
export function serverNow(): number {
  return Date.now() + skew;
}
