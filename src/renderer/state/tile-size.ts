import { ref, watch, type Ref } from 'vue';
import { tileSizes, usualTileSize, type TileSize } from '../ui/grid/tile-sizes.ts';
import { useKept } from './kept.ts';
import { useProject } from './project.ts';
import { useSettings } from './settings.ts';

/** How large the rater has the tiles of the project. */
export function useTileSize(): Ref<TileSize> {
  const kept = useKept();
  const project = useProject();
  const settings = useSettings();
  const size = ref<TileSize>(usualTileSize);
  watch(
    () => [project.id, settings.rater],
    async () => {
      const value = Number(await kept.recall('tileSize'));
      size.value = tileSizes.find((each) => each === value) ?? usualTileSize;
    },
    { immediate: true },
  );
  watch(size, (now) => kept.remember('tileSize', String(now)));
  return size;
}
