/** Where the services of a world run: all in this process, or each in a process of its own. */
export interface Site {
  url: string;
  /** The superuser's connection to the services' database. */
  databaseUrl: string;
  /** What `kill` knows. */
  mortals: readonly string[];
  /** kill −9. Resolves when it is gone; it, or another in its place, is started again. */
  kill(mortal: string): Promise<void>;
  /** Resolves once everything that was killed is there and ready again. */
  recovers(): Promise<void>;
  /** The folder of the services' logs, where they write some. */
  logs: string | null;
  stop(): Promise<void>;
}
