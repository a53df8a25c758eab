import type { IncomingMessage } from 'node:http';
import type { Hono } from 'hono';
import type { ServerPorts } from '../ports.ts';

/** Models on this machine: `GET /api/local` says what is known, `POST /api/local/look` looks first. */
export function localRoutes(app: Hono<{ Bindings: { incoming: IncomingMessage } }>, { local }: Pick<ServerPorts, 'local'>): void {
  app.get('/api/local', (context) => context.json(local.report()));
  app.post('/api/local/look', async (context) => context.json(await local.look()));
}
