import type { ReactNode } from "react";
import type { Job } from "@/api/schema";
import { Chip, type Tone } from "./Chip";
import {
  BlockedIcon,
  ClockIcon,
  DashedCircleIcon,
  DoneIcon,
  FailedIcon,
  PausedIcon,
  RunningIcon,
} from "./icons";

interface Look {
  tone: Tone;
  icon: ReactNode;
}

const LOOKS: Record<Job["state"], Look> = {
  queued: { tone: "neutral", icon: <ClockIcon /> },
  starting: { tone: "info", icon: <DashedCircleIcon /> },
  running: { tone: "info", icon: <RunningIcon /> },
  pausing: { tone: "warn", icon: <PausedIcon /> },
  paused: { tone: "warn", icon: <PausedIcon /> },
  cancelling: { tone: "neutral", icon: <BlockedIcon /> },
  succeeded: { tone: "good", icon: <DoneIcon /> },
  failed: { tone: "bad", icon: <FailedIcon /> },
  cancelled: { tone: "neutral", icon: <BlockedIcon /> },
  expired: { tone: "warn", icon: <ClockIcon /> },
};

export interface StateChipProps {
  state: Job["state"];
  phase?: string | null | undefined;
}

/** Where a job is; while it runs, what it is busy with. */
export function StateChip({ state, phase }: StateChipProps) {
  const { tone, icon } = LOOKS[state];
  const busy = state === "running" && phase ? phase.replaceAll("_", " ") : null;
  return (
    <Chip tone={tone} icon={icon} title={busy ? `${state}: ${busy}` : undefined}>
      {busy ?? state}
    </Chip>
  );
}
