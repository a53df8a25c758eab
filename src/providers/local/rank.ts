import { globMatcher } from '../glob.ts';
import type { LocalModel, LocalService } from './service.ts';

/** A model that may stand in, and where. */
export interface LocalChoice {
  service: LocalService;
  model: LocalModel;
}

/** A file that fills more of the memory than this leaves too little for everything else, the conversation included. */
const MOST_OF_MEMORY = 0.8;
/** Of one service; whoever has more names those that are meant. */
const MOST_CHOICES = 8;

/**
 * Who stands in, best first: as the settings list them; else what is in memory before what would have to be loaded, what fits into this machine
 * before what does not, the larger before the smaller. `memory`: bytes of this machine.
 */
export function rankedModels(services: readonly LocalService[], wanted: readonly string[] | undefined, memory: number): LocalChoice[] {
  const all = services.flatMap((service) => service.models.map((model) => ({ service, model })));
  if (wanted) {
    return wanted.flatMap((pattern, place) => {
      const matches = globMatcher(pattern);
      const before = wanted.slice(0, place).map(globMatcher);
      const names = ({ service, model }: LocalChoice): string[] => [model.name, `${service.provider}/${model.name}`];
      return all
        .filter((choice) => names(choice).some(matches) && !names(choice).some((name) => before.some((earlier) => earlier(name))))
        .toSorted((one, other) => compare(one.model, other.model, memory));
    });
  }
  const sorted = all.toSorted((one, other) => compare(one.model, other.model, memory));
  return sorted.filter((choice, place) => sorted.slice(0, place).filter(({ service }) => service === choice.service).length < MOST_CHOICES);
}

function compare(one: LocalModel, other: LocalModel, memory: number): number {
  return (
    Number(other.loaded) - Number(one.loaded) ||
    Number(fits(other, memory)) - Number(fits(one, memory)) ||
    sizeOf(other) - sizeOf(one) ||
    (one.name < other.name ? -1 : 1)
  );
}

function fits({ bytes }: LocalModel, memory: number): boolean {
  return bytes === undefined || bytes <= memory * MOST_OF_MEMORY;
}

/** In billions of parameters; a file of four bits each has half a byte for one. */
function sizeOf({ billions, bytes }: LocalModel): number {
  return billions ?? (bytes === undefined ? 0 : bytes / 0.55e9);
}
