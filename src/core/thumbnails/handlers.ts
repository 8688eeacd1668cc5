import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { Handlers } from '../../rpc/types.ts';
import { onOpened, projectOf } from '../projects/registry.ts';
import { isKey } from './keys.ts';
import { createPictures } from './pictures.ts';

export function handlers(): Handlers<Pick<CoreCalls, 'images.bytes' | 'images.preview'>> {
  const pictures = createPictures();
  onOpened(() => pictures.warm());
  return {
    'images.bytes': async ({ project: ref, image, kind, key }, { signal }) => {
      const project = await projectOf(ref, { readOnly: true });
      if (!isKey(project.id, image, key)) throw new AppError('image.key');
      return pictures.read(project, image, kind, signal);
    },
    'images.preview': ({ key }, { signal }) => pictures.preview(key, signal),
  };
}
