import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import buttons from "./Button.module.css";
import { classes } from "./classes";
import { placeBeside, raise } from "./floating";
import { MoreIcon } from "./icons";
import styles from "./Menu.module.css";

export interface MenuItem {
  id: string;
  title: ReactNode;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  onSelect: () => void;
}

export interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  /** What the button shows instead of three dots. */
  trigger?: ReactNode;
}

export function Menu({ label, items, trigger }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  function close() {
    setOpen(false);
    button.current?.focus();
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={
          trigger === undefined
            ? buttons.icon
            : classes(buttons.button, buttons.plain, buttons.normal)
        }
        title={trigger === undefined ? label : undefined}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {trigger === undefined ? <MoreIcon /> : <span className={buttons.content}>{trigger}</span>}
      </button>
      {open && (
        <MenuList id={id} label={label} items={items} anchor={button.current} onClose={close} />
      )}
    </>
  );
}

interface MenuListProps {
  id: string;
  label: string;
  items: readonly MenuItem[];
  anchor: HTMLElement | null;
  onClose: () => void;
}

function MenuList({ id, label, items, anchor, onClose }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const box = list.current;
    if (box === null || anchor === null) return;
    raise(box);
    placeBeside(box, anchor);
    enabled(box)[0]?.focus();
  }, [anchor]);

  useEffect(() => {
    function leave(event: Event) {
      const inside = event.target instanceof Node && list.current?.contains(event.target);
      const onAnchor = event.target instanceof Node && anchor?.contains(event.target);
      if (!inside && !onAnchor) onClose();
    }
    document.addEventListener("pointerdown", leave);
    addEventListener("resize", onClose);
    // What the menu belongs to would scroll away from under it.
    document.addEventListener("scroll", leave, true);
    return () => {
      document.removeEventListener("pointerdown", leave);
      removeEventListener("resize", onClose);
      document.removeEventListener("scroll", leave, true);
    };
  }, [anchor, onClose]);

  return (
    <div
      ref={list}
      id={id}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      popover="manual"
      className={styles.menu}
      onKeyDown={(event) => steer(event, list.current, onClose)}
    >
      {items.map((item) => (
        <button
          key={item.id}
          type="button"
          role="menuitem"
          tabIndex={-1}
          disabled={item.disabled}
          className={classes(styles.item, item.danger && styles.danger)}
          onClick={(event) => {
            // A row of a table under the menu must not take the click for its own.
            event.stopPropagation();
            onClose();
            item.onSelect();
          }}
        >
          {item.title}
        </button>
      ))}
    </div>
  );
}

function enabled(box: HTMLElement): HTMLElement[] {
  return [...box.querySelectorAll<HTMLElement>("button:not(:disabled)")];
}

function steer(event: KeyboardEvent, box: HTMLElement | null, onClose: () => void): void {
  if (box === null) return;
  const items = enabled(box);
  const elements: (Element | null)[] = items;
  const at = elements.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    onClose();
  } else if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length)?.focus();
  }
}
