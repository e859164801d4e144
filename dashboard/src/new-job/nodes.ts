import createClient from "openapi-fetch";
import { serviceUrl } from "@/api/place";
import { asJson, type Json } from "@/schema-form/json";
import { nodeAt, type SchemaNode, shapeOf } from "@/schema-form/shape";

interface DocumentPath {
  "/openapi.json": {
    get: {
      responses: {
        200: { headers: Record<string, unknown>; content: { "application/json": unknown } };
      };
    };
  };
}

/** The service's description of itself, which has the schema of a job. It needs no key. */
export async function readDocument(signal: AbortSignal): Promise<Json> {
  const client = createClient<DocumentPath>({
    baseUrl: serviceUrl,
    fetch: (request) => globalThis.fetch(request),
  });
  const { data, response } = await client.GET("/openapi.json", { signal });
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  return asJson(data);
}

export function jobNode(document: Json): SchemaNode {
  return nodeAt(document, "/components/schemas/JobSpec");
}

/** The node of a top-level key of a job, or of a key below it. */
export function memberNode(node: SchemaNode, ...names: readonly string[]): SchemaNode | null {
  let found = node;
  for (const name of names) {
    const shape = shapeOf(found);
    const section = shape.type === "nullable" ? shapeOf(shape.inner) : shape;
    if (section.type !== "section") return null;
    const member = section.members.find((each) => each.name === name);
    if (member === undefined) return null;
    found = member.node;
  }
  return found;
}

/** The section behind a place that may be null. */
export function solid(node: SchemaNode): SchemaNode {
  const shape = shapeOf(node);
  return shape.type === "nullable" ? shape.inner : node;
}
