import type { ModelMetadata } from '../../contract/model-file.ts';
import { fewestOfClass, type Results } from '../../contract/results.ts';
import { percentOf, type Manifest, type RunSpec } from '../../contract/run-files.ts';
import { plainText, table } from './markdown.ts';

export interface CardFacts {
  readonly project: string;
  readonly metadata: ModelMetadata;
  readonly sha256: string;
  readonly spec: RunSpec;
  readonly manifest: Manifest;
  /** Null where the run was stopped before it was checked. */
  readonly results: Results | null;
  /** How it was found that the file says what the app says. */
  readonly tried: { readonly images: number; readonly distance: number };
  /** The text of `predict.py`. */
  readonly snippet: string;
}

const hundred = (share: number): string => (100 * share).toFixed(1);
const range = ({ mean, ci }: { mean: number; ci: readonly [number, number] }): string =>
  `${hundred(mean)} (${hundred(ci[0])} to ${hundred(ci[1])})`;

/** What whoever gets a model must know: what it is, on what it was checked, where it must not be trusted, how it is used. */
export function modelCard(facts: CardFacts): string {
  const { project, metadata, sha256 } = facts;
  return `${[
    `# Model card: ${plainText(project)}`,
    `Names images as one of ${metadata.classes.length} classes. Made by Acclimate ${plainText(metadata.acclimate)}: run ${metadata.run}, the model ${metadata.arm === 'adapted' ? 'with' : 'without'} adaptation, exported ${metadata.createdAt.slice(0, 10)}.`,
    `**For whom.** People who look at images like those it was made from: the same kind of object, preparation and instrument. For research use; not a medical device. A person must confirm each result used for a patient.`,
    '## Classes',
    classes(facts),
    '## How it was checked',
    checked(facts),
    '## Limits',
    limits(facts),
    '## Settings',
    settings(facts),
    '## Files',
    table([
      ['File', 'What it is'],
      ['`model.onnx`', `the model; SHA-256 \`${sha256}\``],
      ['`classes.json`', 'the classes in the order of the probabilities, thresholds, sizes'],
      ['`predict.py`', 'names image files; the text is below'],
      ['`test-image.png`, `test-image.json`', 'a made-up picture, and what the app says of it'],
    ]),
    `**Input** \`images\`: uint8 [n, ${metadata.recordSide}, ${metadata.recordSide}, 3], sRGB, channels last; any n. The whole image is fitted into the square (Lanczos) and its edges are repeated outwards. **Output** \`probabilities\`: float32 [n, ${metadata.classes.length}]. ${inside(metadata)} are inside. Standard ONNX operators (opset 18) only; the file refers to nothing outside it.`,
    `The file was opened in a new process after it was written and tried on ${facts.tried.images} images: no probability was further than ${facts.tried.distance.toExponential(0)} from the app's.`,
    '## Use it from Python',
    `\`\`\`python\n${facts.snippet.trimEnd()}\n\`\`\``,
    'Another Acclimate opens the file too: `acclimate predict my-project --model model.onnx --out names.csv`.',
  ].join('\n\n')}\n`;
}

/** What the graph does beside the network. */
function inside({ testTimeAugmentation, models, temperature }: ModelMetadata): string {
  const parts = [
    'Normalising',
    ...(testTimeAugmentation ? ['the mean over flips and quarter turns'] : []),
    ...(models > 1 ? [`the mean of ${models} models`] : []),
  ];
  return `${parts.join(', ')} and a temperature of ${temperature}`;
}

function classes({ metadata, manifest, results }: CardFacts): string {
  const scores = results?.arms[metadata.arm].perClass;
  const labels = metadata.classes.map((_, index) => manifest.training.filter((each) => each.class === index).length);
  const rows = metadata.classes.map((name, index) => {
    const { recall = null, checkImages = 0 } = scores?.[index] ?? {};
    const threshold = metadata.thresholds[index] as number;
    return [
      plainText(name),
      String(labels[index]),
      String(checkImages),
      recall === null || checkImages < fewestOfClass ? 'not measured' : hundred(recall),
      threshold === 0 ? 'none chosen' : `${hundred(threshold)} %`,
    ];
  });
  return table([['Class', 'training labels', 'check images', 'found, of 100', 'left undecided below'], ...rows]);
}

function checked({ metadata, manifest, results }: CardFacts): string {
  if (!results) return 'The run was stopped before this model was checked. **How often it is right is not known.**';
  const { protocol, arms } = results;
  const arm = arms[metadata.arm];
  const groups = protocol.checkGroups > 0 ? ` of ${protocol.checkGroups} groups (patients, slides, plates)` : '';
  const kind =
    protocol.check === 'reserved'
      ? `${protocol.checkImages} check images${groups} that nothing was learned from`
      : `${protocol.checkImages} labelled images${groups}, split again and again: there were too few to keep some apart`;
  return [
    `On ${kind}; ${protocol.draws} label draws × ${protocol.seeds} seeds. Mean and 95 % range.`,
    ...notScoredItself(protocol, manifest),
    table([
      ['Measure', 'this model'],
      ['Named correctly, of 100', range(arm.accuracy)],
      ['Each class counted equally, of 100', range(arm.balancedAccuracy)],
      ['Balance over classes (macro F1), of 100', range(arm.macroF1)],
      ['Confidence error (ECE), of 100', range(arm.ece)],
    ]),
  ].join('\n\n');
}

/** Where no draw had all labels, the models behind the scores learned from fewer than the one in the file. */
function notScoredItself({ shots, fraction }: Results['protocol'], { training, draws }: Manifest): string[] {
  if (draws.some(({ train, score }) => !score && train.length === training.length)) return [];
  const labels =
    fraction !== undefined
      ? `${percentOf(fraction)} % of the labels of each class`
      : shots === null
        ? 'parts of the labels'
        : `${shots} labels per class`;
  return [
    `**The scores are those of models that learned from ${labels}. The model in the file learned from all ${training.length} and was not scored itself.**`,
  ];
}

function limits({ results }: CardFacts): string {
  const few = results && results.protocol.checkImages < 100;
  return [
    '- The ranges speak of images like those it was checked on. Another scanner, stain, camera or clinic is a new question: check it there first.',
    '- It always names one of its classes, also for an image that shows something else.',
    ...(few ? ['- It was checked on few images: the ranges are rough.'] : []),
    '- Probabilities are not promised frequencies: see the confidence error above.',
    '- Colour images with more than 8 bits, and pages of files behind the first, are read by Acclimate; `predict.py` reads them more simply.',
    ...(results?.notes ?? []).map((note) => `- ${plainText(note)}`),
  ].join('\n');
}

function settings({ metadata, spec, manifest }: CardFacts): string {
  const adapted = metadata.arm === 'adapted';
  return table([
    ['Setting', 'value'],
    ['Starting model', `${plainText(spec.backbone.name)}, weights \`${spec.backbone.weightsSha256.slice(0, 12)}\``],
    ['Adaptation', adapted ? `${plainText(spec.method.name)}, ${spec.adapt.epochs} ${spec.adapt.epochs === 1 ? 'pass' : 'passes'} over at most ${spec.adapt.maxImages} images without their labels` : 'none'], // prettier-ignore
    ['Training', `${metadata.regime} on ${manifest.training.length} labels`],
    ['Side the network sees', `${spec.size} pixels`],
    ['Models averaged', String(metadata.models)],
    ['Flips and quarter turns averaged', metadata.testTimeAugmentation ? 'yes' : 'no'],
    ['Seed', String(spec.seed)],
    ['Run made', spec.createdAt],
  ]);
}
