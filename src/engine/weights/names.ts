import type { ImportRecord } from '../../contract/weights.ts';

/** One step from timm's name of a tensor to that of another program. */
type Rule = readonly [RegExp, string | ((...groups: string[]) => string)];

/** How a program names and lays out the tensors of a family of backbones. */
export interface Dialect {
  readonly name: ImportRecord['origin']['names'];
  /** From timm's names, applied one after the other; none where the names are timm's own. */
  readonly rules: readonly Rule[];
  /** Convolutions OIHW as in PyTorch, or HWIO as in TensorFlow. */
  readonly layout: 'torch' | 'tensorflow';
  /** Names of the classifier, which no backbone here has. */
  readonly classifier: RegExp;
}

const timm = (classifier: RegExp): Dialect => ({ name: 'timm', rules: [], layout: 'torch', classifier });
const upOne = (digits: string): string => String(Number(digits) + 1);

/** google-research/big_transfer, `bit_pytorch/models.py`: the names in Google's .npz files. */
const bigTransfer: Dialect = {
  name: 'BiT',
  rules: [
    [
      /^stages\.(\d+)\.blocks\.(\d+)\./,
      (_, stage, unit) => `block${upOne(stage!)}/unit${upOne(unit!).padStart(2, '0')}/`,
    ],
    [/^stem\.conv\.weight$/, 'root_block/standardized_conv2d/kernel'],
    [/^norm\./, 'group_norm/'],
    [/downsample\.conv\.weight$/, 'a/proj/standardized_conv2d/kernel'],
    [/conv([123])\.weight$/, (_, n) => `${'abc'[Number(n) - 1]}/standardized_conv2d/kernel`],
    [/norm([123])\./, (_, n) => `${'abc'[Number(n) - 1]}/group_norm/`],
    [/group_norm\/weight$/, 'group_norm/gamma'],
    [/group_norm\/bias$/, 'group_norm/beta'],
  ],
  layout: 'tensorflow',
  classifier: /^head\//,
};

/** Every family of backbones, with the names its weights are published under. A new family is one line here. */
export const dialects: Readonly<Record<string, readonly Dialect[]>> = {
  lite: [timm(/^classifier\./)],
  // torchvision has the same names.
  resnet: [timm(/^fc\./)],
  bit: [timm(/^head\./), bigTransfer],
};

/** The name a dialect gives a tensor. @param name timm's */
export const nameIn = ({ rules }: Dialect, name: string): string =>
  rules.reduce((renamed, [from, to]) => renamed.replace(from, to as string), name);
