import styles from "./Copyable.module.css";
import { classes } from "./classes";
import { type Copied, useCopy } from "./clipboard";
import { CheckIcon, CopyIcon, CrossIcon } from "./icons";

export interface CopyableProps {
  text: string;
  /** What it is, for the button: "digest". */
  label?: string | undefined;
  /** On lines of its own, whole; otherwise on one line, cut where there is no room. */
  block?: boolean | undefined;
}

export function Copyable({ text, label = "text", block = false }: CopyableProps) {
  return (
    <span className={classes(styles.copyable, block && styles.block)}>
      <code className={styles.text} title={block ? undefined : text}>
        {text}
      </code>
      <CopyButton text={text} label={label} />
    </span>
  );
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { copied, copyText } = useCopy(text);
  return (
    <>
      <button
        type="button"
        className={styles.button}
        title={`Copy the ${label}`}
        aria-label={`Copy the ${label}`}
        onClick={(event) => {
          event.stopPropagation();
          copyText();
        }}
      >
        <CopyState copied={copied} />
      </button>
      <span className="unseen" role="status">
        {SAID[copied]}
      </span>
    </>
  );
}

const SAID: Record<Copied, string> = {
  no: "",
  yes: "Copied",
  failed: "The browser did not copy it; select the text instead",
};

function CopyState({ copied }: { copied: Copied }) {
  switch (copied) {
    case "no":
      return <CopyIcon size={14} />;
    case "yes":
      return <CheckIcon size={14} />;
    case "failed":
      return <CrossIcon size={14} />;
  }
}
