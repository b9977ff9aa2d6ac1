import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Lane, type End, type Load } from './lane.js';
import { Latencies } from './latencies.js';

export interface LoadOptions {
  readonly ends: readonly End[];
  /** Messages a second over all; `full`: each sends its next four messages as soon as the last four are acknowledged. */
  readonly rate: number | 'full';
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Called where the warm-up ends and where the measurement ends. */
  readonly mark: () => Promise<void>;
}

/** How often messages that are due go out. */
const STEP_MS = 2;
const AT_FULL_SPEED = 4;
const SETTLE_MS = 20_000;

/** Sends at a fixed rate whatever the server does, so that its pauses show in the latencies. */
export async function runLoad(options: LoadOptions): Promise<Load> {
  const { ends, rate, warmUpMs, measureMs, mark } = options;
  const load: Load = {
    toAck: new Latencies(),
    toPeer: new Latencies(),
    acknowledged: 0,
    refused: 0,
    notPushed: 0,
    unsent: 0,
  };
  const lanes = ends.map((end) => new Lane(end, load));

  const startedAt = performance.now();
  const stop = rate === 'full' ? sendAtFullSpeed(lanes) : sendAtRate(lanes, { rate, startedAt });
  await pause(warmUpMs);
  await mark();
  for (const lane of lanes) lane.isMeasuring = true;
  await pause(measureMs);
  for (const lane of lanes) lane.isMeasuring = false;
  await mark();
  stop();
  for (const lane of lanes) lane.dropUnsent();
  // What is on its way arrives, so that the next load begins clean.
  for (const end = Date.now() + SETTLE_MS; Date.now() < end && !lanes.every((lane) => lane.isSettled());)
    await pause(20);
  if (!lanes.every((lane) => lane.isIdle())) throw new Error('some messages were never answered');
  for (const lane of lanes) lane.giveUpWaiting();
  return load;
}

function sendAtRate(lanes: readonly Lane[], { rate, startedAt }: { rate: number; startedAt: number }) {
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - startedAt) / 1_000) * rate; sent < due; sent += 1)
      lanes[sent % lanes.length]?.push(startedAt + (sent / rate) * 1_000);
  }, STEP_MS);
  return () => clearInterval(timer);
}

function sendAtFullSpeed(lanes: readonly Lane[]) {
  for (const lane of lanes) {
    lane.onIdle = () => lane.push(performance.now(), AT_FULL_SPEED);
    lane.onIdle();
  }
  return () => undefined;
}
