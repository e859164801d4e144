/** The one way to the service: types of its document, the key, and problems as exceptions. */
import createClient, { type Client } from "openapi-fetch";
import { heard } from "@/api/connection";
import { serviceUrl } from "@/api/place";
import { ApiProblem, problemOf, unreachable } from "@/api/problem";
import type { paths } from "@/api/schema";

export type Api = Client<paths>;

interface Ways {
  /** Null before anybody has signed in. */
  key: string | null;
  /** The service does not take the key (any more). */
  onRefused?: (problem: ApiProblem) => void;
}

export function openApi({ key, onRefused }: Ways): Api {
  const api = createClient<paths>({
    baseUrl: serviceUrl,
    // Looked up at each request, so that a test can put another one in its place.
    fetch: (request) => globalThis.fetch(request),
  });
  api.use({
    onRequest({ request }) {
      if (key !== null) request.headers.set("Authorization", `Bearer ${key}`);
      request.headers.set("X-Request-Id", requestId());
      return request;
    },
    async onResponse({ response }) {
      heard(!isGateway(response.status));
      if (response.ok || response.status === 304) return response;
      const problem = await problemOf(response);
      if (response.status === 401) onRefused?.(problem);
      throw problem;
    },
  });
  return withItsFailures(api);
}

/** What no hook hears of: an answer that was cut off in its body. */
function withItsFailures(api: Api): Api {
  return new Proxy(api, {
    get: (client, name) => {
      const verb: unknown = Reflect.get(client, name);
      if (typeof verb !== "function") return verb;
      return async (...asked: unknown[]) => {
        try {
          return await verb(...asked);
        } catch (error) {
          throw failureOf(error);
        }
      };
    },
  });
}

function failureOf(error: unknown): unknown {
  // Whoever gave up asking has learnt nothing about the service.
  if (error instanceof DOMException && error.name === "AbortError") return error;
  if (error instanceof ApiProblem) return error;
  heard(false);
  return unreachable(error);
}

/** The body of an answer. Refusals were thrown before, so there is one. */
export function bodyOf<T>(answer: { data?: T; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`an answer without a body: ${answer.response.status}`);
  }
  return answer.data;
}

/** For the POSTs that take one: the same word with each try of one intention. */
export function newIdempotencyKey(): string {
  return randomHex();
}

/** 502 and 504 are the words of a proxy that has nobody behind it. */
function isGateway(status: number): boolean {
  return status === 502 || status === 504;
}

function requestId(): string {
  return `req_${randomHex()}`;
}

/** `crypto.randomUUID` is there over TLS only, and a service in the next room may have none. */
function randomHex(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
