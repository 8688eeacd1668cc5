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

/** Layers of a block in torchvision's order, by timm's names; the blocks of the first stage do not expand. */
const plainLayers: Readonly<Record<string, string>> = {
  conv_dw: '0.0',
  bn1: '0.1',
  'se.conv_reduce': '1.fc1',
  'se.conv_expand': '1.fc2',
  conv_pw: '2.0',
  bn2: '2.1',
};
const expandingLayers: Readonly<Record<string, string>> = {
  conv_pw: '0.0',
  bn1: '0.1',
  conv_dw: '1.0',
  bn2: '1.1',
  'se.conv_reduce': '2.fc1',
  'se.conv_expand': '2.fc2',
  conv_pwl: '3.0',
  bn3: '3.1',
};

const torchvisionEfficientNet: Dialect = {
  name: 'torchvision',
  rules: [
    [/^conv_stem\./, 'features.0.0.'],
    [/^bn1\./, 'features.0.1.'],
    [/^conv_head\./, 'features.8.0.'],
    [/^bn2\./, 'features.8.1.'],
    [
      /^blocks\.(\d+)\.(\d+)\.(.+)\.(\w+)$/,
      (_, stage, unit, layer, leaf) =>
        `features.${upOne(stage!)}.${unit}.block.${(stage === '0' ? plainLayers : expandingLayers)[layer!]}.${leaf}`,
    ],
  ],
  layout: 'torch',
  classifier: /^classifier\./,
};

const torchvisionVit: Dialect = {
  name: 'torchvision',
  rules: [
    [/^cls_token$/, 'class_token'],
    [/^pos_embed$/, 'encoder.pos_embedding'],
    [/^patch_embed\.proj\./, 'conv_proj.'],
    [/^norm\./, 'encoder.ln.'],
    [/^blocks\.(\d+)\./, 'encoder.layers.encoder_layer_$1.'],
    [/\.norm([12])\./, '.ln_$1.'],
    [/\.attn\.qkv\./, '.self_attention.in_proj_'],
    [/\.attn\.proj\./, '.self_attention.out_proj.'],
    [/\.mlp\.fc1\./, '.mlp.0.'],
    [/\.mlp\.fc2\./, '.mlp.3.'],
  ],
  layout: 'torch',
  classifier: /^heads\./,
};

/** Every family of backbones, with the names its weights are published under. A new family is one line here. */
export const dialects: Readonly<Record<string, readonly Dialect[]>> = {
  lite: [timm(/^classifier\./)],
  // torchvision has the same names.
  resnet: [timm(/^fc\./)],
  efficientnet: [timm(/^classifier\./), torchvisionEfficientNet],
  bit: [timm(/^head\./), bigTransfer],
  vit: [timm(/^head\./), torchvisionVit],
};

/** The name a dialect gives a tensor. @param name timm's */
export const nameIn = ({ rules }: Dialect, name: string): string =>
  rules.reduce((renamed, [from, to]) => renamed.replace(from, to as string), name);
