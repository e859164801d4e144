import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { Comparison } from "@/compare/Comparison";
import { type CompareSearch, idsOf, withIds } from "@/compare/search";
import { hrefTo } from "@/look/Anchor";

/** What is compared stands in the address, so that it can be sent to somebody. */
export function CompareScreen() {
  const { jobs, cost } = useSearch({ from: "/compare" });
  const { history } = useRouter();
  const navigate = useNavigate({ from: "/compare" });
  const put = (search: CompareSearch) =>
    void navigate({ search, replace: true, resetScroll: false });
  return (
    <Comparison
      ids={idsOf(jobs)}
      onIds={(ids) => put({ ...withIds(ids), ...(cost && { cost }) })}
      cost={cost === "ms" ? "latency_ms_p50" : "size_mb"}
      onCost={(next) =>
        put({ ...(jobs && { jobs }), ...(next === "latency_ms_p50" && { cost: "ms" }) })
      }
      onOpen={(jobId) => history.push(hrefTo(`/jobs/${jobId}`))}
    />
  );
}
