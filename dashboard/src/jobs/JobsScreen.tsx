import { Page } from "@/look/Page";

export function JobsScreen() {
  return <Page title="Jobs">.</Page>;
}
