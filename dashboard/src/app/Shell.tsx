import { Outlet, useRouterState } from "@tanstack/react-router";
import { Account } from "@/app/Account";
import { ConnectionNotice } from "@/app/ConnectionNotice";
import { PLACES } from "@/app/navigation";
import styles from "@/app/Shell.module.css";
import { Anchor } from "@/look/Anchor";
import { ThemeSwitch } from "@/look/ThemeSwitch";
import { Toasts } from "@/look/Toasts";
import { Mark } from "@/session/Mark";

export function Shell() {
  return (
    <div className={styles.shell}>
      <button type="button" className={styles.skip} onClick={toContent}>
        Skip to content
      </button>
      <header className={styles.bar}>
        <Anchor to="/jobs" className={styles.brand}>
          <Mark />
          <span>Stillhouse</span>
        </Anchor>
        <Navigation />
        <div className={styles.tools}>
          <ThemeSwitch />
          <Account />
        </div>
      </header>
      <ConnectionNotice />
      <main id="content" tabIndex={-1} className={styles.content}>
        <Outlet />
      </main>
      <Toasts />
    </div>
  );
}

function Navigation() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav aria-label="Main" className={styles.places}>
      {PLACES.map(({ to, title, icon }) => (
        <Anchor
          key={to}
          to={to}
          className={styles.place}
          aria-current={isWithin(path, to) ? "page" : undefined}
        >
          {icon}
          <span>{title}</span>
        </Anchor>
      ))}
    </nav>
  );
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

/** A button: with <base>, the link `#content` would lead away from the page. */
function toContent(): void {
  document.getElementById("content")?.focus();
}
