import type { LucideIcon } from 'lucide-react';

/** A drawing beside words; it never carries a meaning alone. Sizes in rem, so that it grows with the text. */
export function Icon({ of: Drawing, size = '1.25rem' }: { of: LucideIcon; size?: string }) {
  return <Drawing className="icon" width={size} height={size} strokeWidth={1.75} aria-hidden />;
}
