import styles from "./CodeBlock.module.css";
import { CopyButton } from "./Copyable";

export interface CodeBlockProps {
  code: string;
  language?: string | undefined;
  label: string;
}

export function CodeBlock({ code, language, label }: CodeBlockProps) {
  return (
    <figure className={styles.block}>
      <figcaption className={styles.caption}>
        <span className={styles.label} title={label}>
          {label}
        </span>
        {language !== undefined && <span className={styles.language}>{language}</span>}
        <CopyButton text={code} label={label} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so a keyboard must reach it */}
      <pre className={styles.code} tabIndex={0}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
