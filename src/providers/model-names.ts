/** Before a cloud's model names: the region or profile that serves it, and who made it (`us.anthropic.`; docs.aws.amazon.com/bedrock, inference profiles). */
const CLOUD_PREFIX =
  /^(?:(?:us|eu|apac|au|ca|in|jp|sa|global|us-gov)\.)?(?:anthropic|openai|amazon|deepseek|google|meta|minimax|mistral|moonshotai|moonshot|nvidia|qwen|writer|xai|zai)\./;

/**
 * One name for one model, wherever it is hosted: lower case, without a reseller's `vendor/`, Bedrock's prefixes and `-v1:0` (or an ARN
 * before it), or Vertex's `@date`; dots as dashes, since services write versions either way.
 */
export function normaliseModel(model: string): string {
  return model
    .slice(model.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(CLOUD_PREFIX, '')
    .replace(/-v\d+(?::\d+)?$|(?<=-oss-\d+b)-\d:\d$/, '')
    .replace(/@default$/, '')
    .replace('@', '-')
    .replaceAll('.', '-');
}

/** The names under which a model may be listed, most exact first: as it is, and without what only says which snapshot of it. */
export function listedNames(normalised: string): string[] {
  const undated = normalised.replace(/-(?:\d{8}|20\d\d-\d\d-\d\d)$/, '');
  const plain = undated.replace(/-(?:latest|preview|exp)(?:-\d\d-\d{2,4})?$/, '');
  return [...new Set([normalised, undated, plain])];
}
