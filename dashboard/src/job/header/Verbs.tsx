import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { Job } from "@/api/schema";
import { Confirm } from "@/jobs/Confirm";
import { type Doing, isFinal, useVerbs, type Verb, verbsFor } from "@/jobs/verbs";
import { hrefTo } from "@/look/Anchor";
import { Button } from "@/look/Button";
import { PauseIcon, PlayIcon, RefreshIcon } from "@/look/icons";
import { Menu, type MenuItem } from "@/look/Menu";
import { useMay } from "@/session/session";
import { EditDialog } from "./EditDialog";

/** What can be done to the job: the likeliest as buttons, the rest in a menu. */
export function Verbs({ job }: { job: Job }) {
  const { history } = useRouter();
  const mayWrite = useMay("jobs:write");
  const verbs = useVerbs();
  const [asked, setAsked] = useState<Doing | null>(null);
  const [editing, setEditing] = useState(false);

  function go(doing: Doing) {
    setAsked(null);
    verbs.mutate(doing, {
      onSuccess: (now) => {
        if (doing.verb === "delete") history.push(hrefTo("/jobs"));
        if (doing.verb === "retry" && now) history.push(hrefTo(`/jobs/${now.id}`));
      },
    });
  }
  const ask = (doing: Doing) => (isFinal(doing.verb) ? setAsked(doing) : go(doing));
  const offered = mayWrite ? verbsFor(job) : [];
  const menu = mayWrite && job.deleted_at === null;
  return (
    <>
      {offered
        .filter((verb) => verb !== "delete")
        .map((verb) => (
          <Button
            key={verb}
            kind={isFinal(verb) ? "danger" : "plain"}
            busy={verbs.isPending && verbs.variables.verb === verb}
            onClick={() => ask({ verb, job })}
          >
            {BUTTONS[verb]}
          </Button>
        ))}
      {menu && (
        <Menu
          label="More to do with this job"
          items={itemsFor(job, offered, ask, {
            edit: () => setEditing(true),
            clone: () => history.push(hrefTo(`/new?from=${job.id}`)),
          })}
        />
      )}
      <Confirm asked={asked} onNo={() => setAsked(null)} onYes={go} />
      {editing && <EditDialog opened={job} onClose={() => setEditing(false)} />}
    </>
  );
}

const BUTTONS: Record<Verb, ReactNode> = {
  cancel: "Cancel",
  pause: (
    <>
      <PauseIcon /> Pause
    </>
  ),
  resume: (
    <>
      <PlayIcon /> Resume
    </>
  ),
  retry: (
    <>
      <RefreshIcon /> Retry
    </>
  ),
  delete: "Delete",
  restore: (
    <>
      <RefreshIcon /> Restore
    </>
  ),
};

interface Ways {
  edit: () => void;
  clone: () => void;
}

function itemsFor(
  job: Job,
  offered: readonly Verb[],
  ask: (doing: Doing) => void,
  { edit, clone }: Ways,
): MenuItem[] {
  const items: MenuItem[] = [
    { id: "edit", title: "Name and labels…", onSelect: edit },
    { id: "clone", title: "Clone…", onSelect: clone },
  ];
  if (offered.includes("retry")) {
    items.push({
      id: "from-start",
      title: "Retry from the first step",
      onSelect: () => ask({ verb: "retry", job, fromStart: true }),
    });
  }
  if (offered.includes("delete")) {
    items.push({
      id: "delete",
      title: "Delete…",
      danger: true,
      onSelect: () => ask({ verb: "delete", job }),
    });
  }
  return items;
}
