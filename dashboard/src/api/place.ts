/** Where the service is: <base> says it, because a proxy may put a path before everything. */
const base = new URL(".", document.baseURI);

/** Without a slash at the end, as `/v1/...` follows. */
export const serviceUrl = base.href.replace(/\/$/, "");

export const basePath = base.pathname;
