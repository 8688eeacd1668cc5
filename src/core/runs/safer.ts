import type { RunOptions } from '../../contract/runs.ts';
import { settingsOf, type Catalogue } from './settings.ts';

/**
 * Message 11's next try after a collapse: the same run with half the learning rate and stronger changes of images.
 * Tried again it goes further.
 */
export function saferOptions(options: RunOptions, catalogue: Catalogue): RunOptions {
  const { method } = settingsOf(options, catalogue);
  const rate = method.settings['learningRate'];
  const stain = catalogue.views.findIndex(({ name }) => name === 'stain');
  const now = catalogue.views.findIndex(({ name }) => name === options.views);
  // The presets stand in order of strength; what is as strong already gives way to the strongest.
  const views = (stain > now ? catalogue.views[stain] : undefined) ?? catalogue.views.at(-1);
  return {
    ...options,
    ...(views ? { views: views.name } : {}),
    ...(typeof rate === 'number' ? { methodSettings: { ...options.methodSettings, learningRate: rate / 2 } } : {}),
  };
}
