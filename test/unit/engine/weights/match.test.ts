import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppError, type ErrorCode } from '../../../../src/contract/errors.ts';
import { backbone, backboneNames } from '../../../../src/engine/backbones/registry.ts';
import type { Part, StoredTensor } from '../../../../src/engine/weights/formats/source.ts';
import { matchBackbone } from '../../../../src/engine/weights/match.ts';
import { dialects, nameIn } from '../../../../src/engine/weights/names.ts';

const resnet = backbone('resnet18');
const tensor: StoredTensor = { shape: [1], type: 'F32', read: () => Promise.reject(new Error('not read')) };
const part = (name: string, names: readonly string[]): Part => ({
  name,
  tensors: new Map(names.map((each) => [each, tensor])),
});
const names = resnet.params.map(({ name }) => name);
const prefixed = (prefix: string): string[] => names.map((name) => prefix + name);

const refuses = (parts: readonly Part[], code: ErrorCode, message: RegExp): void =>
  assert.throws(
    () => matchBackbone(resnet, parts, 'x.pth'),
    (error) => {
      assert.ok(error instanceof AppError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    },
  );

describe('finding a backbone in a checkpoint', () => {
  it('looks past any prefix, and leaves out the classifier, counters and the networks beside it', () => {
    for (const prefix of ['', 'module.', 'backbone.', 'module.encoder_q.', '_orig_mod.model.']) {
      const others = prefix === '' ? [] : ['projector.0.weight', 'queue'];
      const found = matchBackbone(
        resnet,
        [part('', [...prefixed(prefix), `${prefix}fc.weight`, `${prefix}bn1.num_batches_tracked`, ...others])],
        'x.pth',
      );
      assert.equal(found.prefix, prefix);
      assert.deepEqual([...found.tensors.keys()], names);
      assert.deepEqual(found.left, [`${prefix}fc.weight`, ...others]);
    }
  });

  it('takes the averaged weights of several, else the first, and never one that is not whole', () => {
    const chosen = (...of: string[]): string =>
      matchBackbone(
        resnet,
        of.map((each) => part(each, names)),
        'x.pth',
      ).part.name;
    assert.equal(chosen('student', 'teacher'), 'teacher');
    assert.equal(chosen('state_dict', 'state_dict_ema', 'optimizer.x'), 'state_dict_ema');
    assert.equal(chosen('model', 'model_ema'), 'model_ema');
    assert.equal(chosen('first', 'second'), 'first');
    const whole = matchBackbone(resnet, [part('ema', names.slice(1)), part('model', names)], 'x.pth');
    assert.equal(whole.part.name, 'model');
  });

  it('names what is missing and what is too much, as the file names it', () => {
    const without = (lost: string): string[] => prefixed('module.').filter((name) => name !== `module.${lost}`);
    refuses(
      [part('', without('layer2.0.bn1.bias'))],
      'weights.missing',
      /lacks 1 of the tensors of resnet18, first module\.layer2\.0\.bn1\.bias/,
    );
    // Also where that is the tensor a prefix is told by.
    refuses([part('', without('conv1.weight'))], 'weights.missing', /lacks 1 .* module\.conv1\.weight/);
    refuses([part('', [...names, 'layer1.2.conv1.weight'])], 'weights.extra', /holds 1 .* layer1\.2\.conv1\.weight/);
    refuses([part('', [...names, 'proj\u001b[2J.0'])], 'weights.extra', /proj\?\?2J\.0/);
    refuses([part('', ['a.b', 'c.d'])], 'weights.missing', new RegExp(`lacks ${names.length} .* first conv1\\.weight`));
    refuses([], 'weights.empty', /no tensors/);
    refuses(
      [
        part(
          '',
          backbone('resnet50').params.map(({ name }) => name),
        ),
      ],
      'weights.extra',
      /layer1\.0\.conv3\.weight/,
    );
  });

  it('knows names for every backbone, and no two tensors share one', () => {
    for (const { params, family, name } of backboneNames.map(backbone)) {
      assert.ok(dialects[family], name);
      for (const dialect of dialects[family]) {
        const theirs = params.map((spec) => nameIn(dialect, spec.name));
        assert.equal(new Set(theirs).size, params.length, `${name} by ${dialect.name}`);
        assert.ok(!theirs.some((each) => dialect.classifier.test(each)));
        const isRenamed = dialect.rules.length > 0;
        assert.equal(
          theirs.every((each, i) => each !== params[i]!.name),
          isRenamed,
          `${name} by ${dialect.name}`,
        );
      }
    }
  });
});
