import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { FunctionTool, Request, Tool } from '../../exchange/request.ts';
import { asFunction, flatName } from '../plain-tools.ts';
import type { TargetFacts } from '../target-facts.ts';
import { isBeforeGemini3 } from './generation.ts';
import type { LossLog } from '../losses.ts';
import { wireName } from './names.ts';
import { parametersSchema } from './schema.ts';
import { schemaBudget, type SchemaBudget } from './schema-budget.ts';
import { isOwn } from './own-signature.ts';

/** `tools` and `toolConfig`; `own` is what the client's own `toolConfig` says that has no neutral word. */
export function encodeTools(request: Request, own: JsonObject, facts: TargetFacts, losses: LossLog): JsonObject {
  if (facts.tools === false) {
    if (request.tools.length > 0) losses.lose('tools', `${facts.model} does not take tools`);
    return {};
  }
  const budget = schemaBudget();
  const functions = request.tools.flatMap((tool, index) =>
    tool.type === 'server' ? [] : [encodeFunction(asFunction(tool), `tools[${index}]`, budget, losses)],
  );
  const server = request.tools.flatMap((tool, index) => encodeServer(tool, `tools[${index}]`, functions.length > 0, facts, losses));
  const tools = [...(functions.length > 0 ? [{ functionDeclarations: functions }] : []), ...server];
  const config = functions.length > 0 ? encodeToolConfig(request, own, losses) : own;
  return { ...(tools.length > 0 && { tools }), ...(tools.length > 0 && Object.keys(config).length > 0 && { toolConfig: config }) };
}

function encodeFunction(tool: FunctionTool, at: string, budget: SchemaBudget, losses: LossLog): JsonObject {
  const { schema, changes } = parametersSchema(tool.parameters, budget);
  if (changes.length > 0) losses.lose(`${at}.parameters`, `Gemini's schemas cannot say: ${changes.join('; ')}`);
  if (tool.strict === true) losses.lose(`${at}.strict`, 'Gemini does not hold a model to the schema of a tool');
  return {
    name: wireName(tool.name),
    ...(tool.description !== undefined && { description: tool.description }),
    parametersJsonSchema: schema,
    ...losses.own(tool.extras, at),
  };
}

/** Models before 3 refuse functions beside the tools that Google runs (`Tool use with function calling is unsupported`). */
function encodeServer(tool: Tool, at: string, besideFunctions: boolean, facts: TargetFacts, losses: LossLog): JsonObject[] {
  if (tool.type !== 'server') return [];
  const { producer, value } = tool.definition;
  if (!isOwn(producer, facts) || !isObject(value)) {
    losses.lose(at, `only ${producer.vendor ?? producer.dialect} runs ${tool.name}`);
    return [];
  }
  if (besideFunctions && isBeforeGemini3(facts)) {
    losses.lose(at, `${facts.model} refuses ${tool.name} together with functions`);
    return [];
  }
  return [value];
}

function encodeToolConfig(request: Request, own: JsonObject, losses: LossLog): JsonObject {
  const { functionCallingConfig, ...rest } = own;
  const choice = request.toolChoice;
  const calling: JsonObject = {};
  if (choice?.type === 'tool') Object.assign(calling, { mode: 'ANY', allowedFunctionNames: [wireName(flatName(choice))] });
  else if (choice) calling.mode = choice.type === 'required' ? 'ANY' : choice.type === 'none' ? 'NONE' : 'AUTO';
  if (request.parallelToolCalls === false) losses.lose('parallel_tool_calls', 'Gemini calls as many tools at once as it likes');
  const said = { ...calling, ...(isObject(functionCallingConfig) && functionCallingConfig) };
  return { ...rest, ...(Object.keys(said).length > 0 && { functionCallingConfig: said }) };
}
