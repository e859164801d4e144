import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import styles from "@/jobs/jobs.module.css";
import { GROUPS, type JobsSearch, SORT_TITLES, SORTS, toggledStates } from "@/jobs/search";
import { Button } from "@/look/Button";
import { classes } from "@/look/classes";
import { CrossIcon, SearchIcon } from "@/look/icons";
import { Select, TextInput } from "@/look/inputs";
import { useSession } from "@/session/session";

interface Props {
  search: JobsSearch;
  /** Replaces what is named; undefined takes it away. */
  onChange: (change: Changes) => void;
}

export type Changes = { [Name in keyof JobsSearch]?: JobsSearch[Name] | undefined };

const PAUSE_MS = 300;

export function Filters({ search, onChange }: Props) {
  const { me } = useSession();
  return (
    <section className={styles.filters} aria-label="Filters">
      <NameFilter value={search.name ?? ""} onChange={(name) => onChange({ name })} />
      <States search={search} onChange={onChange} />
      <Added
        label="Label"
        placeholder="Label, key=value"
        onAdd={(label) => onChange({ label: [...new Set([...(search.label ?? []), label])] })}
      />
      {me.key.project === null && (
        <Added label="Project" placeholder="Project" onAdd={(project) => onChange({ project })} />
      )}
      <Select
        className={styles.sort}
        aria-label="Order"
        value={search.sort ?? "-created_at"}
        onChange={(event) =>
          onChange({ sort: SORTS.find((sort) => sort === event.currentTarget.value) })
        }
      >
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {SORT_TITLES[sort]}
          </option>
        ))}
      </Select>
      <Chosen search={search} onChange={onChange} />
    </section>
  );
}

function States({ search, onChange }: Props) {
  const chosen = new Set(search.state);
  return (
    <fieldset className={styles.states}>
      <legend className="unseen">State</legend>
      {GROUPS.map((group) => (
        <button
          key={group.title}
          type="button"
          className={styles.state}
          aria-pressed={group.states.every((state) => chosen.has(state))}
          onClick={() => onChange({ state: toggledStates(search.state, group) })}
        >
          {group.title}
        </button>
      ))}
      <button
        type="button"
        className={classes(styles.state, styles.apart)}
        aria-pressed={search.trash ?? false}
        onClick={() => onChange({ trash: search.trash ? undefined : true })}
      >
        Trash
      </button>
    </fieldset>
  );
}

/** Asks when the typing pauses. */
function NameFilter({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  const [text, setText] = useState(value);
  const [asked, setAsked] = useState(value);
  if (value !== asked) {
    // The address changed by itself: a link, or back.
    setAsked(value);
    setText(value);
  }
  useEffect(() => {
    if (text === asked) return;
    const timer = setTimeout(() => {
      setAsked(text);
      onChange(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, asked, onChange]);
  return (
    <span className={styles.name}>
      <SearchIcon />
      <TextInput
        type="search"
        aria-label="Name contains"
        placeholder="Name"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </span>
  );
}

interface AddedProps {
  label: string;
  placeholder: string;
  onAdd: (value: string) => void;
}

/** A filter that is added by Enter, and shown among those that hold. */
function Added({ label, placeholder, onAdd }: AddedProps) {
  function add(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const value = new FormData(event.currentTarget).get("value");
    if (typeof value === "string" && value.trim() !== "") onAdd(value.trim());
    event.currentTarget.reset();
  }
  return (
    <form onSubmit={add} className={styles.added}>
      <TextInput name="value" aria-label={`${label}, Enter adds it`} placeholder={placeholder} />
    </form>
  );
}

function Chosen({ search, onChange }: Props): ReactNode {
  const labels = search.label ?? [];
  const hasMany = Object.keys(search).some((name) => name !== "sort");
  if (!hasMany) return null;
  return (
    <ul className={styles.chosen} aria-label="Filters that hold">
      {labels.map((label) => (
        <Holding
          key={label}
          text={label}
          onDrop={() => {
            const rest = labels.filter((other) => other !== label);
            onChange({ label: rest.length > 0 ? rest : undefined });
          }}
        />
      ))}
      {search.project !== undefined && (
        <Holding
          text={`project ${search.project}`}
          onDrop={() => onChange({ project: undefined })}
        />
      )}
      <li>
        <Button
          kind="quiet"
          size="small"
          onClick={() =>
            onChange({
              state: undefined,
              label: undefined,
              name: undefined,
              project: undefined,
              trash: undefined,
            })
          }
        >
          Clear all filters
        </Button>
      </li>
    </ul>
  );
}

function Holding({ text, onDrop }: { text: string; onDrop: () => void }) {
  return (
    <li>
      <button type="button" className={styles.holding} title={`Drop ${text}`} onClick={onDrop}>
        <span>{text}</span>
        <CrossIcon size={12} />
      </button>
    </li>
  );
}
