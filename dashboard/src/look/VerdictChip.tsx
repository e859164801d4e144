import { Chip } from "./Chip";
import { CheckIcon, CrossIcon } from "./icons";

/** What the gates of a job say together; nothing before it has succeeded. */
export function VerdictChip({ verdict }: { verdict: string | null }) {
  switch (verdict) {
    case null:
    case "pending":
      return null;
    case "passed":
      return (
        <Chip tone="good" icon={<CheckIcon />} title="Every gate is met">
          passed
        </Chip>
      );
    case "failed":
      return (
        <Chip tone="bad" icon={<CrossIcon />} title="A gate is not met">
          failed
        </Chip>
      );
    case "not_evaluated":
      return <Chip title="This job asks for no gates">no gates</Chip>;
    default:
      return <Chip>{verdict.replaceAll("_", " ")}</Chip>;
  }
}
