import { computed, type WritableComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { filterSchema, sortSchema, type Filter, type Sort } from '../../../contract/view.ts';

/** How the library is looked at. In the address, so that Back, reload and a copied link restore it. */
export interface Look {
  readonly filter: Filter;
  readonly sort: Sort;
  readonly groupBy: string | null;
  /** Image whose like is shown instead. */
  readonly similar: number | null;
}

const defaults: Look = { filter: {}, sort: 'added', groupBy: null, similar: null };

export function useLook(): WritableComputedRef<Look> {
  const route = useRoute();
  const router = useRouter();
  const text = (name: string): string | undefined => {
    const value = route.query[name];
    return typeof value === 'string' ? value : undefined;
  };
  return computed({
    get: () => ({
      filter: parsedFilter(text('filter')),
      sort: sortSchema.catch(defaults.sort).parse(text('sort') ?? defaults.sort),
      groupBy: text('group') ?? null,
      similar: /^\d+$/.test(text('similar') ?? '') ? Number(text('similar')) : null,
    }),
    set: (look) => {
      const filter = JSON.stringify(look.filter);
      void router.replace({
        params: route.params,
        query: {
          ...(filter === '{}' ? {} : { filter }),
          ...(look.sort === defaults.sort ? {} : { sort: look.sort }),
          ...(look.groupBy === null ? {} : { group: look.groupBy }),
          ...(look.similar === null ? {} : { similar: String(look.similar) }),
        },
      });
    },
  });
}

function parsedFilter(text: string | undefined): Filter {
  if (text === undefined) return {};
  try {
    return filterSchema.catch({}).parse(JSON.parse(text));
  } catch {
    return {};
  }
}
