import type { CheckState } from "@/api/schema";
import { Chip } from "@/look/Chip";
import { DashedCircleIcon, DoneIcon, FailedIcon } from "@/look/icons";

/** Whether a worker has looked at it, and what it said. */
export function CheckChip({ state }: { state: CheckState }) {
  switch (state) {
    case "checking":
      return (
        <Chip tone="info" icon={<DashedCircleIcon />} title="A worker looks at it">
          checking
        </Chip>
      );
    case "ready":
      return (
        <Chip tone="good" icon={<DoneIcon />} title="Jobs may use it">
          ready
        </Chip>
      );
    case "rejected":
      return (
        <Chip tone="bad" icon={<FailedIcon />} title="Jobs cannot use it">
          rejected
        </Chip>
      );
  }
}
