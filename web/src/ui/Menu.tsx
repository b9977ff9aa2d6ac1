import type { LucideIcon } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import { Icon } from './Icon.js';
import { absorbSecondPress } from './second-press.js';

export interface MenuItem {
  label: string;
  icon: LucideIcon;
  keys?: string;
  danger?: boolean;
  act: () => void;
}

interface MenuProps {
  label: string;
  /** Groups are parted by a line. */
  groups: MenuItem[][];
  /** The element that it opens from. */
  anchor: HTMLElement;
  onClose: () => void;
}

const GAP = 6;

/** A menu in the top layer, beside its anchor; a sheet on one pane (by the stylesheet). */
export function Menu({ label, groups, anchor, onClose }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const menu = ref.current;
    if (!menu) return;
    menu.showPopover();
    place(menu, anchor);
    menu.querySelector('button')?.focus();
  }, [anchor]);

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !ref.current?.contains(event.target)) onClose();
    };
    document.addEventListener('pointerdown', outside, true);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
    };
  }, [onClose]);

  useEffect(() => absorbSecondPress, []);

  const close = () => {
    onClose();
    anchor.focus();
  };

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    event.stopPropagation();
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      close();
      return;
    }
    const buttons = Array.from(ref.current?.querySelectorAll('button') ?? []);
    const next = chooseItem(buttons, event.key);
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };

  return (
    <div ref={ref} popover="manual" className="menu" role="menu" aria-label={label} onKeyDown={onKeyDown}>
      {groups.map((items, at) => (
        <div key={items[0]?.label ?? at} role="none">
          {at > 0 ? <hr role="separator" /> : null}
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={item.danger ? 'danger' : undefined}
              onClick={() => {
                close();
                item.act();
              }}
            >
              <Icon of={item.icon} size="1.125rem" />
              {item.label}
              {item.keys ? <kbd aria-hidden>{item.keys}</kbd> : null}
            </button>
          ))}
        </div>
      ))}
    </div>
  );
}

function place(menu: HTMLElement, anchor: HTMLElement): void {
  const from = anchor.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const above = from.top - GAP - box.height;
  const top = above >= GAP ? above : Math.min(from.bottom + GAP, window.innerHeight - box.height - GAP);
  const left = Math.min(Math.max(GAP, from.left), window.innerWidth - box.width - GAP);
  menu.style.top = `${Math.max(GAP, top)}px`;
  menu.style.left = `${left}px`;
}

function chooseItem(buttons: HTMLButtonElement[], key: string): HTMLButtonElement | undefined {
  const at = buttons.findIndex((button) => button === document.activeElement);
  switch (key) {
    case 'ArrowDown':
      return buttons[(at + 1) % buttons.length];
    case 'ArrowUp':
      return buttons[(at - 1 + buttons.length) % buttons.length];
    case 'Home':
      return buttons[0];
    case 'End':
      return buttons.at(-1);
    default: {
      if (key.length !== 1) return undefined;
      const after = [...buttons.slice(at + 1), ...buttons.slice(0, at + 1)];
      return after.find((button) => button.textContent.toLowerCase().startsWith(key.toLowerCase()));
    }
  }
}
