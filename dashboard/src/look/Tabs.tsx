import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { classes } from "./classes";
import styles from "./Tabs.module.css";

export interface Tab {
  id: string;
  title: ReactNode;
  badge?: ReactNode;
}

export interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  current: string;
  onChange: (id: string) => void;
  /** The panel of the current tab. */
  children: ReactNode;
}

export function Tabs({ label, tabs, current, onChange, children }: TabsProps) {
  const name = useId();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    // On a phone the row of tabs is wider than the screen.
    tabOf(list.current, current)?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [current]);

  function move(event: KeyboardEvent) {
    const next = tabs[nextIndex(event.key, tabs)];
    if (next === undefined) return;
    event.preventDefault();
    onChange(next.id);
    tabOf(list.current, next.id)?.focus();
  }

  function nextIndex(key: string, all: readonly Tab[]): number {
    const at = all.findIndex((tab) => tab.id === current);
    switch (key) {
      case "ArrowRight":
        return (at + 1) % all.length;
      case "ArrowLeft":
        return (at - 1 + all.length) % all.length;
      case "Home":
        return 0;
      case "End":
        return all.length - 1;
      default:
        return -1;
    }
  }

  return (
    <div className={styles.tabs}>
      <div className={styles.list} role="tablist" aria-label={label} ref={list}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${name}-${tab.id}`}
            data-tab={tab.id}
            aria-selected={tab.id === current}
            aria-controls={`${name}-panel`}
            tabIndex={tab.id === current ? 0 : -1}
            className={classes(styles.tab, tab.id === current && styles.current)}
            onClick={() => onChange(tab.id)}
            onKeyDown={move}
          >
            {tab.title}
            {tab.badge !== undefined && <span className={styles.badge}>{tab.badge}</span>}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${name}-panel`}
        aria-labelledby={`${name}-${current}`}
        className={styles.panel}
      >
        {children}
      </div>
    </div>
  );
}

function tabOf(list: HTMLElement | null, id: string): HTMLElement | null {
  return list?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(id)}"]`) ?? null;
}
