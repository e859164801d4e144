import type { Key } from "@/api/schema";
import { Chip } from "@/look/Chip";
import { exactTime } from "@/look/format";
import { Menu } from "@/look/Menu";
import { Relative } from "@/look/Relative";
import type { Column } from "@/look/Table";
import styles from "../system.module.css";
import { ScopeChips } from "./ScopeChips";

export type KeyVerb = "rotate" | "revoke";

export function columnsOf(
  mine: string,
  onVerb: (verb: KeyVerb, key: Key) => void,
): readonly Column<Key>[] {
  return [
    { id: "name", title: "Name", cell: (key) => <Name of={key} isMine={key.id === mine} /> },
    {
      id: "project",
      title: "Project",
      width: "128px",
      hideBelow: "phone",
      cell: ({ project }) =>
        project === null ? <span className={styles.soft}>all</span> : <span>{project}</span>,
    },
    {
      id: "scopes",
      title: "Scopes",
      width: "30%",
      hideBelow: "tablet",
      cell: ({ scopes }) => <ScopeChips scopes={scopes} />,
    },
    {
      id: "used",
      title: "Last used",
      align: "end",
      width: "112px",
      cell: ({ last_used_at }) =>
        last_used_at === null ? (
          <span className={styles.soft}>never</span>
        ) : (
          <Relative at={last_used_at} />
        ),
    },
    {
      id: "expires",
      title: "Expires",
      align: "end",
      width: "128px",
      hideBelow: "phone",
      cell: ({ expires_at }) =>
        expires_at === null ? (
          <span className={styles.soft}>never</span>
        ) : (
          <span title={exactTime(expires_at)}>{expires_at.slice(0, 10)}</span>
        ),
    },
    {
      id: "actions",
      title: <span className="unseen">Actions</span>,
      align: "end",
      width: "60px",
      cell: (key) => (
        <Menu
          label={`Actions for ${key.name}`}
          items={[
            { id: "rotate", title: "Rotate…", onSelect: () => onVerb("rotate", key) },
            { id: "revoke", title: "Revoke…", danger: true, onSelect: () => onVerb("revoke", key) },
          ]}
        />
      ),
    },
  ];
}

function Name({ of: { name, parent_id }, isMine }: { of: Key; isMine: boolean }) {
  return (
    <>
      <span title={name}>{name}</span> {isMine && <Chip tone="info">yours</Chip>}
      {parent_id !== null && !isMine && (
        <Chip title="Made by signing in; it ends with the key that it was made from">browser</Chip>
      )}
    </>
  );
}
