import type { Scope } from "@/api/schema";

/** What each scope lets a key do, in the order in which they are offered. */
export const SCOPES: readonly { scope: Scope; may: string }[] = [
  { scope: "jobs:read", may: "see jobs, their events, curves, logs and verdicts" },
  { scope: "jobs:write", may: "submit, steer, change and delete jobs" },
  { scope: "data:write", may: "upload, and make and delete models and data sets" },
  { scope: "artifacts:read", may: "fetch what jobs have made" },
  { scope: "admin", may: "all of that, and make, rotate and revoke keys" },
];

export const USUAL: readonly Scope[] = ["jobs:read", "jobs:write", "data:write", "artifacts:read"];
