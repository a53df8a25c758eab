import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { FunctionTool, Tool } from '../../exchange/request.ts';
import { extrasOf } from './decode-contents.ts';
import type { Fields } from './fields.ts';
import { fromOpenApi } from './openapi-schema.ts';
import { PRODUCER } from './wire.ts';

/** A `Tool` of Gemini's is any number of functions, and of tools that Google runs, one a field. */
export function decodeTools(list: readonly Json[], read: Fields): Tool[] {
  return list.flatMap((item, index): Tool[] => {
    const at = `tools[${index}]`;
    const { functionDeclarations, ...others } = read.message(item, at);
    const functions = functionDeclarations === undefined ? [] : read.list(functionDeclarations, `${at}.functionDeclarations`);
    return [
      ...functions.map((value, place) => decodeFunction(value, `${at}.functionDeclarations[${place}]`, read)),
      ...Object.entries(others).map(([name, value]): Tool => ({
        type: 'server',
        name,
        definition: { type: 'opaque', producer: PRODUCER, value: { [name]: value } as JsonObject },
      })),
    ];
  });
}

/** Parameters come in OpenAPI's words or in JSON Schema's; a function may have none. */
function decodeFunction(value: Json, at: string, read: Fields): FunctionTool {
  const { name, description, parameters, parametersJsonSchema, ...rest } = read.message(value, at);
  const extras = extrasOf(rest);
  return {
    type: 'function',
    name: read.string(name, `${at}.name`),
    ...(description !== undefined && { description: read.string(description, `${at}.description`) }),
    parameters: isObject(parametersJsonSchema)
      ? parametersJsonSchema
      : parameters === undefined
        ? { type: 'object', properties: {} }
        : fromOpenApi(read.object(parameters, `${at}.parameters`)),
    ...(extras && { extras }),
  };
}
