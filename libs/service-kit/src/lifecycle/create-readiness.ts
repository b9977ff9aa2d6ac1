export interface Readiness {
  /** Adds a condition; `holds` is asked with every probe and shouldn't wait for anything. */
  require(name: string, holds: () => boolean): void;
  /** From now on not ready, whatever else holds: the load balancer sends nobody new. */
  drain(): void;
  /** Names of conditions that don't hold; empty: ready. */
  missing(): string[];
}

export function createReadiness(): Readiness {
  const conditions = new Map<string, () => boolean>();
  return {
    require: (name, holds) => void conditions.set(name, holds),
    drain: () => void conditions.set('draining', () => false),
    missing: () => [...conditions].filter(([, holds]) => !holds()).map(([name]) => name),
  };
}
