/** `dots`: 0 to 8 that still glow. `waiting`: the clock hasn't started. `still`: in the colour of the text. */
export type RingFace =
  { kind: 'dots'; lit: number } | { kind: 'waiting' } | { kind: 'full' } | { kind: 'empty' };

const around = { cx: 8, cy: 8, pathLength: 8 };

/** The clock of a message: eight dots that go out one by one, clockwise from the top. Words say the moment. */
export function Ring({
  face,
  size = '1rem',
  still = false,
}: {
  face: RingFace;
  size?: string;
  still?: boolean;
}) {
  const look =
    face.kind === 'waiting'
      ? 'timer-ring timer-ring-wait'
      : still
        ? 'timer-ring timer-ring-still'
        : 'timer-ring';
  return (
    <svg className={look} width={size} height={size} viewBox="0 0 16 16" aria-hidden>
      <Drawing face={face} />
    </svg>
  );
}

function Drawing({ face }: { face: RingFace }) {
  if (face.kind === 'waiting') {
    return (
      <>
        <circle {...around} r={5.6} strokeDasharray="0 1" />
        <circle className="timer-ring-core" cx={8} cy={8} r={1.5} />
      </>
    );
  }
  const lit = face.kind === 'full' ? 8 : face.kind === 'empty' ? 0 : face.lit;
  if (lit === 0) return <circle className="out" {...around} r={5.7} strokeDasharray="0 1" />;
  if (lit === 8) return <circle {...around} r={5.7} strokeDasharray="0 1" transform="rotate(-90 8 8)" />;
  return (
    <>
      <circle className="out" {...around} r={5.7} strokeDasharray="0 1" />
      <circle
        {...around}
        r={5.7}
        strokeDasharray={`${'0 1 '.repeat(lit)}0 9`}
        transform={`rotate(${-90 + 45 * (8 - lit)} 8 8)`}
      />
    </>
  );
}
