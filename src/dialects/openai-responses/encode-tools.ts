import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { CalledTool } from '../../exchange/part.ts';
import type { CustomTool, FunctionTool, Request } from '../../exchange/request.ts';
import { restore } from '../legal-names.ts';
import type { LossLog } from '../losses.ts';
import { isShortened, wireName } from '../openai-names.ts';
import { strictProblem } from '../strict-schema.ts';
import { asFunction, calledTools } from '../plain-tools.ts';
import type { TargetFacts } from '../target-facts.ts';
import { wireTool } from './encode-calls.ts';
import { ownValue } from './encode-content.ts';
import { takesOwnTools } from './own-tools.ts';

/**
 * Codex groups its own tools under this name in an item `additional_tools`; among `tools` OpenAI refuses it ("collides with an existing tool
 * namespace", BerriAI/litellm#36182), and Codex takes a call without a namespace for one in it (lidge-jun/opencodex#3224).
 */
const DEFAULT_NAMESPACE = 'functions';

/** Tools as the target knows them; those of a namespace are gathered where the first of them stands. */
export function encodeTools(request: Request, facts: TargetFacts, losses: LossLog): JsonObject[] {
  const tools: JsonObject[] = [];
  const namespaces = new Map<string, JsonObject[]>();
  for (const [index, tool] of request.tools.entries()) {
    const where = `tools[${index}]`;
    if (facts.tools === false) losses.lose(where, `${facts.model} calls no tools`);
    else if (tool.type === 'server') {
      const own = ownValue(tool.definition, facts);
      if (own) tools.push(own);
      else losses.lose(where, `${tool.name} runs only at ${tool.definition.producer.vendor ?? tool.definition.producer.dialect}`);
    } else if (!takesOwnTools(facts)) {
      const { namespace: about, format, ...plain } = encodeFunction(asFunction(tool), where, losses);
      if (about !== undefined) losses.lose(`${where}.namespace`, `${facts.vendor} is not known to take groups of tools`);
      if (format !== undefined) losses.lose(`${where}.format`, `${facts.vendor} is not known to take tools with formats`);
      tools.push(plain);
    } else if (tool.type === 'client') {
      tools.push(ownValue(tool.definition, facts) ?? encodeFunction(asFunction(tool), where, losses));
    } else if (tool.namespace === undefined || tool.namespace === DEFAULT_NAMESPACE) {
      const { namespace: about, ...encoded } = encodeTool(tool, where, losses);
      if (isObject(about) && about.description) losses.lose(`${where}.namespace`, 'the default group of tools is not described');
      tools.push(encoded);
    } else {
      const nested = namespaces.get(tool.namespace) ?? [];
      const { namespace: about, ...encoded } = encodeTool(tool, where, losses);
      nested.push(encoded);
      if (nested.length === 1) {
        namespaces.set(tool.namespace, nested);
        tools.push({ type: 'namespace', name: tool.namespace, description: '', ...(isObject(about) && about), tools: nested });
      }
    }
  }
  return tools;
}

function encodeTool(tool: FunctionTool | CustomTool, where: string, losses: LossLog): JsonObject {
  return tool.type === 'custom' ? encodeCustom(tool, where, losses) : encodeFunction(tool, where, losses);
}

/** Without a word on it OpenAI would hold the model to the schema where it can; only what the client demanded is demanded. */
function encodeFunction(tool: FunctionTool, where: string, losses: LossLog): JsonObject {
  const own = losses.own(tool.extras, where);
  const problem = tool.strict === true ? strictProblem(tool.parameters) : undefined;
  if (problem) losses.lose(`${where}.strict`, `strict mode would refuse this schema: ${problem}`);
  return {
    type: 'function',
    name: name(tool.name, where, losses),
    ...(tool.description !== undefined && { description: tool.description }),
    parameters: tool.parameters,
    strict: tool.strict === true && !problem,
    ...own,
  };
}

function encodeCustom(tool: CustomTool, where: string, losses: LossLog): JsonObject {
  return {
    type: 'custom',
    name: name(tool.name, where, losses),
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.grammar && { format: { type: 'grammar', ...tool.grammar } }),
    ...losses.own(tool.extras, where),
  };
}

function name(given: string, where: string, losses: LossLog): string {
  const written = wireName(given);
  if (isShortened(given)) losses.lose(`${where}.name`, `sent as ${written}: not every service allows more than 64 characters`);
  return written;
}

export function encodeToolChoice(request: Request, facts: TargetFacts): JsonObject[string] {
  const choice = request.toolChoice;
  if (choice?.type !== 'tool') return choice?.type;
  const chosen = request.tools.find((tool) => tool.name === choice.name && (tool.type === 'client' || tool.type === 'custom'));
  if (takesOwnTools(facts) && chosen?.type === 'client') return { type: chosen.name };
  if (takesOwnTools(facts) && chosen) return { type: 'custom', ...wireTool(choice, facts) };
  return { type: 'function', ...wireTool(choice, facts) };
}

/** The way back. Where the target knows the client's own kinds and namespaces, only names that had to be changed need one. */
export function knownAs(request: Request, facts: TargetFacts): Map<string, CalledTool> {
  if (!takesOwnTools(facts)) return calledTools(request, (flat) => restore(wireName(flat)));
  const calls = new Map<string, CalledTool>();
  for (const tool of request.tools) {
    if (tool.type !== 'function' && tool.type !== 'custom') continue;
    const seen = restore(wireName(tool.name));
    const { namespace } = tool;
    const kind = tool.type === 'custom' ? ('custom' as const) : undefined;
    if (seen !== tool.name) calls.set(seen, { name: tool.name, ...(namespace !== undefined && { namespace }), ...(kind && { kind }) });
  }
  return calls;
}
