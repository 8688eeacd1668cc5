import { percentOf, type Manifest, type RunSpec } from '../../contract/run-files.ts';
import type { RunAbout, RunRow } from '../../contract/runs.ts';

interface Made {
  readonly spec: RunSpec;
  readonly manifest: Pick<Manifest, 'images' | 'training' | 'columns'>;
}

/** What a run is made to do, for a list of runs in any language. */
export const aboutOf = ({ spec, manifest }: Made): RunAbout => ({
  method: spec.method.name,
  backbone: spec.backbone.name,
  size: spec.size,
  epochs: spec.adapt.epochs,
  images: manifest.images.length,
  labels: manifest.training.length,
  shots: spec.protocol.shots ?? null,
  ...(spec.protocol.fraction !== undefined && { fraction: spec.protocol.fraction }),
  ...(manifest.columns && { columns: manifest.columns.map(({ name }) => name) }),
});

/** The same as a line of the terminal. */
export function summaryOf(kind: RunRow['kind'], about: RunAbout): string {
  const { method, backbone, size, epochs, images, labels, shots, fraction, columns } = about;
  if (kind === 'embed') return `features of ${images} images, ${backbone} at ${size} px`;
  const taught =
    fraction !== undefined
      ? `${percentOf(fraction)} % of the labels of each class`
      : shots === null
        ? `${labels} labels`
        : `${shots} labels per class`;
  return `${method}, ${backbone} at ${size} px, ${epochs} pass${epochs === 1 ? '' : 'es'}, ${taught}${columns ? ` with ${columns.join(', ')}` : ''}`;
}
