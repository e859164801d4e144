import { type ReactNode, useEffect } from "react";
import { Anchor } from "./Anchor";
import { RightIcon } from "./icons";
import styles from "./Page.module.css";

export interface Crumb {
  title: string;
  to?: string | undefined;
}

export interface PageProps {
  title: ReactNode;
  trail?: readonly Crumb[] | undefined;
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, trail, actions, children }: PageProps) {
  useEffect(() => {
    if (typeof title === "string") document.title = `${title} · Stillhouse`;
  }, [title]);

  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <div className={styles.heading}>
          {trail !== undefined && <Breadcrumb trail={trail} />}
          <h1 className={styles.title} title={typeof title === "string" ? title : undefined}>
            {title}
          </h1>
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Breadcrumb({ trail }: { trail: readonly Crumb[] }) {
  return (
    <nav aria-label="Trail">
      <ol className={styles.trail}>
        {trail.map((crumb, place) => (
          <li key={crumb.to ?? crumb.title} className={styles.crumb}>
            {place > 0 && <RightIcon size={12} />}
            {crumb.to === undefined ? (
              <span>{crumb.title}</span>
            ) : (
              <Anchor to={crumb.to}>{crumb.title}</Anchor>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

export interface SectionProps {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Section({ title, note, actions, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <header className={styles.sectionHeader}>
        <div className={styles.heading}>
          <h2 className={styles.sectionTitle}>{title}</h2>
          {note !== undefined && <p className={styles.note}>{note}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
