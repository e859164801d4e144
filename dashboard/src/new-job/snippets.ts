import type { JsonObject } from "@/schema-form/json";
import { GITHUB, GITLAB } from "./ci";
import { yaml } from "./yaml";

export interface Snippet {
  readonly id: string;
  readonly title: string;
  readonly language: string;
  readonly code: string;
  /** Where it goes. */
  readonly note: string;
}

/** The same job without this page: for a terminal, and for a pipeline. */
export function snippetsOf(spec: JsonObject, serviceUrl: string): readonly Snippet[] {
  const document = yaml(spec);
  return [
    {
      id: "curl",
      title: "curl",
      language: "sh",
      note: "Needs STILLHOUSE_API_KEY in the environment.",
      code: curl(spec, serviceUrl),
    },
    {
      id: "cli",
      title: "CLI",
      language: "sh",
      note: "`still login` keeps the address and the key.",
      code: `cat > job.yaml <<'${end(document)}'\n${document}${end(document)}\nstill submit job.yaml --wait\n`,
    },
    {
      id: "yaml",
      title: "job.yaml",
      language: "yaml",
      note: "For a repository, beside the pipeline.",
      code: document,
    },
    {
      id: "github",
      title: "GitHub",
      language: "yaml",
      note: ".github/workflows/distil.yml, with job.yaml beside your code.",
      code: GITHUB,
    },
    {
      id: "gitlab",
      title: "GitLab",
      language: "yaml",
      note: "A job of .gitlab-ci.yml, with job.yaml beside your code.",
      code: GITLAB,
    },
  ];
}

function curl(spec: JsonObject, serviceUrl: string): string {
  const body = JSON.stringify(spec, null, 2);
  const mark = end(body);
  return [
    `curl -X POST '${serviceUrl}/v1/jobs' \\`,
    '  -H "Authorization: Bearer $STILLHOUSE_API_KEY" \\',
    "  -H 'Content-Type: application/json' \\",
    `  --data-binary @- <<'${mark}'`,
    body,
    mark,
    "",
  ].join("\n");
}

/** A word that stands on no line of the text alone. */
function end(text: string): string {
  let mark = "END";
  while (text.split("\n").includes(mark)) mark += "_";
  return mark;
}
