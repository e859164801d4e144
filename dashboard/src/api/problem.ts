/** What went wrong with a request, as the service tells it (RFC 9457), or as we do when it cannot. */
import { isRecord, listIn, textIn } from "@/api/loose";

export interface Place {
  pointer: string;
  code: string;
  message: string;
  hint: string;
}

interface Told {
  status: number;
  code: string;
  title: string;
  detail: string;
  hint: string;
  errors: readonly Place[];
  instance: string;
  retryAfter: number | null;
  members: Readonly<Record<string, unknown>>;
}

export class ApiProblem extends Error {
  /** 0 when there was no answer at all. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
  /** Every place of the body that is wrong, each with its way out. */
  readonly errors: readonly Place[];
  /** The id of the request, by which an operator finds it in the log. */
  readonly instance: string;
  /** Seconds that the service asks us to wait; null when it does not say. */
  readonly retryAfter: number | null;
  /** What the problem has beyond the common fields: `allowed`, `jobs`, `needed`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(told: Told) {
    super(told.detail || told.title);
    this.name = "ApiProblem";
    this.status = told.status;
    this.code = told.code;
    this.title = told.title;
    this.detail = told.detail;
    this.hint = told.hint;
    this.errors = told.errors;
    this.instance = told.instance;
    this.retryAfter = told.retryAfter;
    this.members = told.members;
  }

  /** What is wrong, as a sentence for people. */
  get sentence(): string {
    return asSentence(this.detail || this.title);
  }

  get wayOut(): string {
    return asSentence(this.hint);
  }

  /** Asking again later can help: nothing is wrong with the request itself. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export function unreachable(cause: unknown): ApiProblem {
  return new ApiProblem({
    status: 0,
    code: "unreachable",
    title: "Stillhouse does not answer",
    detail: cause instanceof Error ? cause.message : "",
    hint: "Check that the service runs and that you are online.",
    errors: [],
    instance: "",
    retryAfter: null,
    members: {},
  });
}

export async function problemOf(response: Response): Promise<ApiProblem> {
  const body = await bodyOf(response);
  return new ApiProblem({
    status: response.status,
    code: textIn(body, "code") ?? `http_${response.status}`,
    title: textIn(body, "title") || response.statusText || `HTTP ${response.status}`,
    detail: textIn(body, "detail") ?? "",
    hint: textIn(body, "hint") ?? "",
    errors: listIn(body, "errors").map(placeOf),
    instance: textIn(body, "instance") ?? response.headers.get("X-Request-Id") ?? "",
    retryAfter: secondsOf(response.headers.get("Retry-After")),
    members: body,
  });
}

/** For places that show any error: ours as it is, a fault of this page under its own name. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({
    status: -1,
    code: "page_fault",
    title: "This page has a fault",
    detail: error instanceof Error ? error.message : String(error),
    hint: "Load it again. If it stays, tell the operator what you did.",
    errors: [],
    instance: "",
    retryAfter: null,
    members: {},
  });
}

/** The service writes parts of sentences, which a terminal puts together with others. */
function asSentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return whole === "" || /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  // A proxy answers 502 with a page of its own: then the status is all there is.
  if (!response.headers.get("Content-Type")?.includes("json")) return {};
  try {
    const found: unknown = await response.json();
    return isRecord(found) ? found : {};
  } catch {
    return {};
  }
}

function placeOf(found: unknown): Place {
  return {
    pointer: textIn(found, "pointer") ?? "",
    code: textIn(found, "code") ?? "",
    message: textIn(found, "message") ?? "",
    hint: textIn(found, "hint") ?? "",
  };
}

/** Retry-After is seconds or a date. */
function secondsOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1000);
}
