/** Every address of the dashboard. A screen is loaded when it is first opened. */
import {
  createBrowserHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { basePath } from "@/api/place";
import { Broken } from "@/app/Broken";
import { Loading } from "@/app/Loading";
import { NotFound } from "@/app/NotFound";
import { Shell } from "@/app/Shell";
import { parseSearch, stringifySearch } from "@/app/search";
import { compareSearch } from "@/compare/search";
import { jobSearch } from "@/job/search";
import { jobsSearch } from "@/jobs/search";
import { librarySearch } from "@/library/search";
import { newJobSearch } from "@/new-job/search";
import { systemSearch } from "@/system/search";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const under = { getParentRoute: () => root };

const home = createRoute({
  ...under,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/jobs", replace: true });
  },
});

const jobs = createRoute({
  ...under,
  path: "/jobs",
  validateSearch: jobsSearch,
  component: lazyRouteComponent(() => import("@/jobs/JobsScreen"), "JobsScreen"),
});

const newJob = createRoute({
  ...under,
  path: "/new",
  validateSearch: newJobSearch,
  component: lazyRouteComponent(() => import("@/new-job/NewJobScreen"), "NewJobScreen"),
});

const compare = createRoute({
  ...under,
  path: "/compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("@/compare/CompareScreen"), "CompareScreen"),
});

const job = createRoute({
  ...under,
  path: "/jobs/$jobId",
  validateSearch: jobSearch,
  component: lazyRouteComponent(() => import("@/job/JobScreen"), "JobScreen"),
});

const library = createRoute({
  ...under,
  path: "/library",
  validateSearch: librarySearch,
  component: lazyRouteComponent(() => import("@/library/LibraryScreen"), "LibraryScreen"),
});

const system = createRoute({
  ...under,
  path: "/system",
  validateSearch: systemSearch,
  component: lazyRouteComponent(() => import("@/system/SystemScreen"), "SystemScreen"),
});

const routeTree = root.addChildren([home, jobs, job, compare, library, newJob, system]);

/** A test brings a history of its own. */
export function openRouter(history: RouterHistory = createBrowserHistory()) {
  return createRouter({
    routeTree,
    history,
    basepath: basePath,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultPendingComponent: Loading,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: NotFound,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof openRouter>;
  }
}
