import type { HostResponse } from './host-http.ts';

/** The page at `/`, which says that the app is up. */
export const rootPage: HostResponse = {
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Your Azure Function App is up and running.</title></head>
<body style="font: 16px/1.5 system-ui; max-width: 40rem; margin: 4rem auto">
<h1>Your function app is up and running</h1>
<p>This is the embedded local host. Its state: <a href="/admin/host/status">/admin/host/status</a>;
its functions: <a href="/admin/functions">/admin/functions</a>.</p>
</body>
</html>
`,
};
