import { z } from 'zod';
import { useKept } from './kept.ts';

const key = 'filters';
/** A filter by its name, as the address of Images has it. */
const savedSchema = z.array(z.object({ name: z.string(), query: z.record(z.string(), z.string()) }));
export type SavedFilter = z.infer<typeof savedSchema>[number];

interface SavedFilters {
  load(): Promise<SavedFilter[]>;
  /** Under a name that is taken already it replaces what was there. @returns all that are kept now */
  save(filter: SavedFilter): Promise<SavedFilter[]>;
  remove(name: string): Promise<SavedFilter[]>;
}

/** Filters that the rater gave a name in the project that is open. */
export function useSavedFilters(): SavedFilters {
  const kept = useKept();
  async function load(): Promise<SavedFilter[]> {
    const value = await kept.recall(key);
    if (value === null) return [];
    try {
      return savedSchema.parse(JSON.parse(value));
    } catch {
      return [];
    }
  }
  const put = (filters: SavedFilter[]): SavedFilter[] => {
    kept.remember(key, JSON.stringify(filters));
    return filters;
  };
  return {
    load,
    save: async (filter) => put([...(await load()).filter(({ name }) => name !== filter.name), filter]),
    remove: async (name) => put((await load()).filter((filter) => filter.name !== name)),
  };
}
