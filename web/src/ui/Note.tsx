import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Icon } from './Icon.js';

interface NoteProps {
  icon: LucideIcon;
  tone?: 'calm' | 'ember' | 'danger';
  id?: string;
  children: ReactNode;
}

export function Note({ icon, tone = 'calm', id, children }: NoteProps) {
  return (
    <div className={tone === 'calm' ? 'note' : `note ${tone}`} id={id}>
      <Icon of={icon} size="1.125rem" />
      <div>{children}</div>
    </div>
  );
}
