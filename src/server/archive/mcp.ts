import type { IncomingMessage } from 'node:http';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { Hono } from 'hono';
import { archiveMcpServer } from '../../archive/mcp/mcp-server.ts';
import type { ServerPorts } from '../ports.ts';

/** `/mcp`: the archive for assistants, without sessions and read-only. Access has been checked before. */
export function mcpRoute(
  app: Hono<{ Bindings: { incoming: IncomingMessage } }>,
  { archive, status }: Pick<ServerPorts, 'archive' | 'status'>,
): void {
  const handler = createMcpHandler(() => archiveMcpServer((question, asked) => archive.ask(question, asked), status().version));
  app.all('/mcp', (context) => handler.fetch(context.req.raw));
}
