import type { Ref } from 'vue';
import { onCommand } from '../commands/handlers.ts';
import type { LabelValue } from './labelling.ts';
import { useProject } from './project.ts';

/** Keys that repeat while they are held must not label a row of images nobody looked at. */
const once =
  (run: () => void) =>
  (event?: KeyboardEvent): void => {
    if (!event?.repeat) run();
  };

/**
 * The keys that label: classes by number, none of these, unsure, skip, remove. `accepts` may drop a key: an image that
 * has not been painted yet was not seen.
 */
export function onLabelKeys(label: (value: LabelValue) => void, accepts: Ref<boolean>, refuse: () => void): void {
  const project = useProject();
  const give = (value: () => LabelValue | undefined): ((event?: KeyboardEvent) => void) =>
    once(() => {
      const found = value();
      if (!found) return;
      if (accepts.value) label(found);
      else refuse();
    });
  for (let number = 1; number <= 18; number++) {
    const classOf = (): LabelValue | undefined => {
      const info = project.classes[number - 1];
      return info && { class: info.name };
    };
    onCommand(`label.class.${number}`, give(classOf), () => project.classes.length >= number);
  }
  onCommand(
    'label.none',
    give(() => ({ mark: 'none' })),
  );
  onCommand(
    'label.unsure',
    give(() => ({ mark: 'unsure' })),
  );
  onCommand(
    'label.skip',
    give(() => ({ mark: 'skip' })),
  );
  onCommand(
    'label.remove',
    give(() => ({ mark: 'clear' })),
  );
}
