/** Enough for an engine that comes back to hundreds of conversations at once. */
const BURST = 1000;
const PER_SECOND = 100;

/** What one socket may ask, whatever the frame: the limits of an account count what its frames do. */
export class FrameAllowance {
  private left = BURST;
  private at: number;

  constructor(private readonly now: () => number) {
    this.at = now();
  }

  /** Seconds until this much is there; 0: it was taken. */
  take(cost: number): number {
    const now = this.now();
    this.left = Math.min(BURST, this.left + ((now - this.at) * PER_SECOND) / 1000);
    this.at = now;
    if (this.left < cost) return (cost - this.left) / PER_SECOND;
    this.left -= cost;
    return 0;
  }
}
