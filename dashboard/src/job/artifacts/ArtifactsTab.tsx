import { useMemo } from "react";
import { asProblem } from "@/api/problem";
import type { Artifact, Job } from "@/api/schema";
import { Refused } from "@/app/Refused";
import { useArtifacts, useBundle, useDownload } from "@/job/artifact-queries";
import { isOver } from "@/jobs/job";
import { Button, IconButton } from "@/look/Button";
import { Copyable } from "@/look/Copyable";
import { Empty } from "@/look/Empty";
import { bytes, count } from "@/look/format";
import { DownloadIcon } from "@/look/icons";
import { Section } from "@/look/Page";
import { type Column, Table } from "@/look/Table";
import styles from "./ArtifactsTab.module.css";
import { CopyCurl } from "./CopyCurl";
import { bundleCurlOf, curlOf } from "./commands";

/** What the job has made, each file with its digest and the ways to get it. */
export function ArtifactsTab({ job }: { job: Job }) {
  const { data, error, refetch } = useArtifacts(job);
  const download = useDownload();
  const fetching = download.isPending ? download.variables.id : null;
  const columns = useMemo(
    () => columnsFor(fetching, (artifact) => download.mutate(artifact)),
    [fetching, download.mutate],
  );
  if (error !== null && data === undefined) {
    return <Refused problem={asProblem(error)} onAgain={() => void refetch()} />;
  }
  return (
    <Section
      title="Artifacts"
      note={data && data.length > 0 && noteOf(data)}
      actions={job.state === "succeeded" && <Bundle job={job} />}
    >
      <Table
        label="Artifacts"
        rows={data ?? []}
        loading={data === undefined}
        columns={columns}
        keyOf={({ id }) => id}
        empty={<NoArtifacts job={job} />}
      />
    </Section>
  );
}

function noteOf(artifacts: readonly Artifact[]): string {
  const total = artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0);
  const files = artifacts.length === 1 ? "1 file" : `${count(artifacts.length)} files`;
  return `${files}, ${bytes(total)} together.`;
}

function NoArtifacts({ job }: { job: Job }) {
  return isOver(job) ? (
    <Empty title="It made no files">Only a job that succeeds does. Its log tells why.</Empty>
  ) : (
    <Empty title="No files yet">They appear here together, when the job has succeeded.</Empty>
  );
}

function Bundle({ job }: { job: Job }) {
  const bundle = useBundle(job);
  return (
    <span className={styles.verbs}>
      <CopyCurl command={bundleCurlOf(job)} of="the bundle" />
      <Button busy={bundle.isPending} onClick={() => bundle.mutate()}>
        <DownloadIcon /> All as a tar
      </Button>
    </span>
  );
}

function columnsFor(
  fetching: string | null,
  onDownload: (artifact: Artifact) => void,
): Column<Artifact>[] {
  return [
    {
      id: "name",
      title: "Name",
      cell: ({ name, path }) => (
        <span className={styles.name} title={path}>
          {name}
        </span>
      ),
    },
    {
      id: "format",
      title: "Format",
      width: "110px",
      hideBelow: "phone",
      cell: (row) => row.format,
    },
    {
      id: "bytes",
      title: "Size",
      width: "92px",
      align: "end",
      cell: (row) => <span title={`${count(row.bytes)} bytes`}>{bytes(row.bytes)}</span>,
    },
    {
      id: "sha256",
      title: "SHA-256",
      hideBelow: "tablet",
      cell: ({ sha256 }) => <Copyable text={sha256} label="digest" />,
    },
    {
      id: "get",
      title: "Get",
      width: "124px",
      align: "end",
      cell: (artifact) => (
        <span className={styles.verbs}>
          <CopyCurl command={curlOf(artifact)} of={artifact.name} />
          <IconButton
            label={`Download ${artifact.name}`}
            icon={<DownloadIcon />}
            aria-busy={fetching === artifact.id || undefined}
            onClick={() => onDownload(artifact)}
          />
        </span>
      ),
    },
  ];
}
