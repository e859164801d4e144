import { asProblem } from "@/api/problem";
import { Refused } from "@/app/Refused";

interface Query {
  error: Error | null;
  refetch: () => Promise<unknown>;
}

/** Why one of them has no answer, and the button that asks for all of those again. */
export function NotAnswered({ queries }: { queries: readonly Query[] }) {
  const failed = queries.filter(({ error }) => error !== null);
  const [first] = failed;
  if (first === undefined) return null;
  const again = () => {
    for (const { refetch } of failed) void refetch();
  };
  return <Refused problem={asProblem(first.error)} onAgain={again} />;
}
