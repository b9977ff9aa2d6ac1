import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The metrics of one service: a registry of its own, every line labelled with the service. */
export interface Metrics {
  readonly registry: Registry;
  counter<Label extends string>(metric: MetricOptions<Label>): Counter<Label>;
  gauge<Label extends string>(metric: MetricOptions<Label>): Gauge<Label>;
  histogram<Label extends string>(metric: HistogramOptions<Label>): Histogram<Label>;
}

export interface MetricOptions<Label extends string> {
  /** Prefixed with `wisp_`. */
  readonly name: string;
  readonly help: string;
  /** Few values each: never an id, a name or an address. */
  readonly labels?: readonly Label[];
}

export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Upper bounds; by default seconds from 1 ms to 10 s. */
  readonly buckets?: readonly number[];
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface MetricsOptions {
  readonly service: string;
  /** `process`: memory, event loop, garbage. Left out where several services share a process. */
  readonly include?: 'process';
}

export function createMetrics({ service, include }: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (include === 'process') collectDefaultMetrics({ register: registry });
  const describe = <Label extends string>({ name, help, labels = [] }: MetricOptions<Label>) => ({
    name: `wisp_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    registry,
    counter: (metric) => new Counter(describe(metric)),
    gauge: (metric) => new Gauge(describe(metric)),
    histogram: (metric) => new Histogram({ ...describe(metric), buckets: [...(metric.buckets ?? seconds)] }),
  };
}
