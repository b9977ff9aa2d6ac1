/** How many may come in one go and, again, each second. Whoever is refused takes nothing: a rush ends at once. */
export class Places {
  private free: number;

  constructor(private readonly perSecond: number) {
    this.free = perSecond;
  }

  /** False: come again later. */
  take(): boolean {
    if (this.free < 1) return false;
    this.free -= 1;
    return true;
  }

  /** Time passes, in milliseconds. */
  refill(ms: number): void {
    this.free = Math.min(this.perSecond, this.free + (this.perSecond * ms) / 1000);
  }
}
