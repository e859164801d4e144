import { useRouter } from "@tanstack/react-router";
import type { Job } from "@/api/schema";
import { isFinal, type Verb, verbsFor } from "@/jobs/verbs";
import { hrefTo } from "@/look/Anchor";
import { Menu, type MenuItem } from "@/look/Menu";
import { useMay } from "@/session/session";

const TITLES: Record<Verb, string> = {
  cancel: "Cancel…",
  pause: "Pause",
  resume: "Resume",
  retry: "Retry",
  delete: "Delete…",
  restore: "Restore",
};

interface Props {
  job: Job;
  onVerb: (verb: Verb) => void;
}

export function JobMenu({ job, onVerb }: Props) {
  const { history } = useRouter();
  const may = useMay("jobs:write");
  const clone: MenuItem = {
    id: "clone",
    title: "Clone",
    disabled: !may,
    onSelect: () => history.push(hrefTo(`/new?from=${job.id}`)),
  };
  const verbs = verbsFor(job).map((verb) => ({
    id: verb,
    title: TITLES[verb],
    danger: isFinal(verb),
    disabled: !may,
    onSelect: () => onVerb(verb),
  }));
  const items = [
    ...verbs.filter(({ danger }) => !danger),
    ...(job.deleted_at === null ? [clone] : []),
    ...verbs.filter(({ danger }) => danger),
  ];
  return <Menu label={`Actions for ${job.name}`} items={items} />;
}
